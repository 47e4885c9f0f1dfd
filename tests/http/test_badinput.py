#!/usr/bin/env python3
"""Every kind of bad input to every write route, generated from the route table and the OpenAPI document: each is refused with
its own problem, all faults of a body at once and by their pointers, nothing is written, and a stranger learns nothing.
"""
import json
import re
import urllib.parse
import uuid

from client import Api, case, expect, expect_in, expect_problem, run
from matrix import (FORM, Browser, actors, child, colleague, counts, described, file_report, report, routes, sql, step, take)

ACTORS = actors()
DOCUMENT = described('openapi')
WRITES = [route for route in routes() if route.method != 'GET']
LIMIT = 65536

REFERENCE, REFERRALS = file_report(ACTORS['practitioner'], report(people=[child(), colleague(),
                                                                          {'role': 'WITNESS', 'name': ACTORS['leader'].account.name}]))
LEADER = ACTORS['leader'].account.id
PLACES = {
    'incident': REFERENCE, 'referral': REFERRALS['LADO'], 'account': LEADER, 'organisation': 'example-trust',
    'change': '00000000-0000-7000-8000-000000000000', 'grant': sql("select id from role_grant where account_id = '%s'" % LEADER), 'token': 'x' * 54, 'session': '0' * 64,
    'draft': '01a2012a-0000-7000-8000-000000000000', 'page': 'kind', 'n': '1',
}
# Who asks, where the first account with the permission would not do.
WHO = {'INCIDENT_READ': 'lead', 'INCIDENT_CREATE': 'practitioner', 'INCIDENT_ADD': 'practitioner', 'REFERRAL_TAKE': 'lead', 'ACCOUNT_MANAGE': 'admin',
       'GRANT_CONFIRM': 'dpo', 'EXCLUSION_CLEAR': 'dpo', None: 'iro'}
# Where the ETag of a route's record is read.
RECORDS = {'/referrals/{referral}/transitions': '/referrals/{referral}'}
MEDIA = {'PATCH': 'application/merge-patch+json'}


def path_of(route):
    return route.fill(**PLACES)


def actor_of(route):
    return ACTORS[WHO[route.permission]]


def headers_of(route, actor):
    headers = {}
    if route.has('creates'):
        headers['Idempotency-Key'] = '"%s"' % uuid.uuid4()
    if route.has('versioned'):
        record = actor.api.get(RECORDS.get(route.path, route.path).format(**PLACES))
        headers['If-Match'] = record.header('ETag')
    return headers


def send(route, body, api=None, content_type=None, **headers):
    """Sends the route this body, bytes or a value, as the actor who may, or with `api`."""
    actor = actor_of(route)
    if api is None:
        api = Api() if route.has('anyone') else actor.api
    if not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
    sent = {**headers_of(route, actor), **{name.replace('_', '-'): value for name, value in headers.items()}}
    return api.call(route.method, path_of(route), body, headers=sent,
                    content_type=content_type or MEDIA.get(route.method, 'application/json'))


def untouched(check):
    """The same check, with every table as it was after it; refusals leave events and nothing else."""
    def checked():
        before = counts('audit_event', 'audit_detail')
        check()
        after = counts('audit_event', 'audit_detail')
        expect({name: n for name, n in after.items() if before[name] != n}, {}, 'tables that grew')
    return checked


# --- Bodies from the OpenAPI document ----------------------------------------------------------------------------------

def plain(schema):
    """A field of a merge patch may be null besides."""
    return next((inner for inner in schema.get('anyOf', []) if inner.get('type') != 'null'), schema)


def schema_of(route):
    operation = DOCUMENT['paths'].get(route.path, {}).get(route.method.lower(), {})
    content = operation.get('requestBody', {}).get('content', {})
    if not content:
        return None
    reference = next(iter(content.values()))['schema']['$ref']
    return DOCUMENT['components']['schemas'][reference.rsplit('/', 1)[-1]]


def wrong_values(schema):
    """Values that a field of this schema refuses, each with the fault's code."""
    schema = plain(schema)
    kind, pattern, form = schema.get('type'), schema.get('pattern', ''), schema.get('format')
    if kind == 'boolean':
        return [('yes', 'wrong_type'), (1, 'wrong_type')]
    if kind == 'integer':
        return [(schema['maximum'] + 1, 'out_of_range'), (schema['minimum'] - 1, 'out_of_range'), ('7', 'wrong_type'),
                (2 ** 62, 'out_of_range')]
    if kind == 'array':
        item = 'NO_SUCH_CODE' if schema['items'].get('type') == 'string' else 'text'
        found = [('text', 'wrong_type'), ({}, 'wrong_type')]
        if schema.get('maxItems'):
            found.append(([item] * (schema['maxItems'] + 1), 'too_many'))
        return found
    if kind == 'object':
        return [('text', 'wrong_type'), ([], 'wrong_type')]
    number = (5, 'not_a_date' if form == 'date' else 'wrong_type')
    if form in ('date', 'date-time', 'email', 'uuid'):
        code = {'date': 'not_a_date', 'date-time': 'not_an_instant', 'email': 'not_an_email', 'uuid': 'not_a_uuid'}[form]
        return [number, ('nonsense', code), ('2026-02-30', code)]
    if form == 'password':
        return [number, ('', 'required'), ('x' * 1000, 'too_long')]
    if schema.get('description', '').startswith('A code of list') or pattern.startswith('^[A-Za-z0-9_'):
        return [number, ('NO_SUCH_CODE', 'unknown_code'), ("X' or 1=1 --", 'unknown_code')]
    if pattern.startswith('^[a-z0-9]'):
        return [number, ('Not A Slug', 'not_a_name')]
    if pattern.startswith('^[0-2]'):
        return [number, ('25:00', 'not_a_time')]
    if pattern:
        return [number, ('UP-AAAA-AAAA', 'not_a_reference')]
    found = [number, ('a\u0007b', 'control_characters')]
    if schema.get('maxLength', 30000) < 21000:
        found.append(('ü' * (schema['maxLength'] + 1), 'too_long'))
    return found


def fields_of(schema, prefix=''):
    """Every field, as (pointer, schema, function that builds a body with this field's value)."""
    for name, inner in schema['properties'].items():
        inner, pointer = plain(inner), '%s/%s' % (prefix, name)
        yield pointer, inner, lambda value, name=name: {name: value}
        nested, wrap = inner, lambda body, name=name: {name: body}
        if inner.get('type') == 'array' and inner['items'].get('properties'):
            nested, wrap, pointer = inner['items'], lambda body, name=name: {name: [body]}, pointer + '/0'
        if nested.get('properties'):
            for deep, leaf, build in fields_of(nested, pointer):
                yield deep, leaf, lambda value, wrap=wrap, build=build: wrap(build(value))


def all_wrong(schema, prefix=''):
    """A body in which every field is wrong in one way, and the pointers of all its faults."""
    body, pointers = {'no_such_member': 1}, {prefix + '/no_such_member'}
    for name, inner in schema['properties'].items():
        inner, pointer = plain(inner), '%s/%s' % (prefix, name)
        if inner.get('type') == 'array' and inner['items'].get('properties'):
            value, more = all_wrong(inner['items'], pointer + '/0')
            body[name] = [value]
        elif inner.get('properties'):
            body[name], more = all_wrong(inner, pointer)
        else:
            body[name], more = wrong_values(inner)[0][0], {pointer}
        pointers |= more
    return body, pointers


def faults(reply):
    return {(fault['field'], fault['code']) for fault in expect_problem(reply, 422, 'invalid')['errors']}


# --- The cases of one route --------------------------------------------------------------------------------------------

def names_every_fault(route, schema):
    def check():
        body, wanted = all_wrong(schema)
        found = {field for field, _ in faults(send(route, body))}
        expect(found, wanted, 'pointers of the faults')
    return check


def refuses_each_field(route, schema):
    def check():
        for pointer, inner, build in fields_of(schema):
            for value, code in wrong_values(inner):
                found = faults(send(route, build(value)))
                expect_in((pointer, code), found, '%s = %.60r' % (pointer, value))
        if schema.get('required') and route.method != 'PATCH':
            found = faults(send(route, {}))
            for name in schema['required']:
                expect_in(('/' + name, 'required'), found, 'what is missing')
    return check


def refuses_names(route):
    def check():
        expect_in(('/no_such_member', 'unknown_member'), faults(send(route, {'no_such_member': None})))
        expect_in(('/$sealed', 'reserved_name'), faults(send(route, {'$sealed': 'incident.account.x'})))
        expect_in(('/a~1b~0c', 'unknown_member'), faults(send(route, {'a/b~c': 1})))
        deep = {'data': {'$sealed': 'x'}} if 'transitions' in route.path else None
        if deep:
            expect_in(('/data/$sealed', 'reserved_name'), faults(send(route, {'transition': 'confirm', **deep})))
    return check


def refuses_texts(route):
    texts = [
        (b'{"a":1,"a":2}', 'duplicate_member'), (b'{"a":{"b":1,"\\u0062":2}}', 'duplicate_member'),
        (b'{"a":"\xff"}', 'invalid_utf8'), (b'{"a":"\xed\xa0\x80"}', 'invalid_utf8'), (b'{"a":"\xc0\x80"}', 'invalid_utf8'),
        (b'{"a":"x\x00y"}', 'invalid_utf8'), (b'{"a":"x\\u0000y"}', 'invalid_utf8'), (b'{"\\u0000":1}', 'invalid_utf8'),
        (b'{"a":' * 16 + b'1' + b'}' * 16, None), (b'{"a":' * 17 + b'1' + b'}' * 17, 'too_deep'),
        (b'{"a":' + b'[' * 16 + b']' * 16 + b'}', 'too_deep'), (b'{"a":' * 3000, 'too_deep'),
        (b'{"a":1.5}', 'number_not_whole'), (b'{"a":1e3}', 'number_not_whole'), (b'{"a":-0.0}', 'number_not_whole'),
        (b'{"a":99999999999999999999}', 'malformed_json'), (b'[]', 'malformed_json'), (b'"text"', 'malformed_json'),
        (b'null', 'malformed_json'), (b'{"a":1}x', 'malformed_json'), (b'{"a":1', 'malformed_json'), (b'{a:1}', 'malformed_json'),
        (b'\xef\xbb\xbf{}', 'malformed_json'), (b'{"a":"\\ud800"}', 'malformed_json'), (b'   ', 'malformed_json')]

    def check():
        for text, code in texts:
            reply = send(route, text)
            if code is None:
                faults(reply)
            else:
                expect_problem(reply, 400, code)
    return check


def refuses_sizes_and_media(route):
    def check():
        expect_problem(send(route, b'{"a":"' + b'x' * LIMIT + b'"}'), 413, 'body_too_large')
        for kind in ('text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'application/json; charset=utf-16', 'nonsense'):
            expect_problem(send(route, b'{"a":1}', content_type=kind), 415, 'unsupported_media_type')
        wrong = 'application/json' if route.method == 'PATCH' else 'application/merge-patch+json'
        expect_problem(send(route, b'{"a":1}', content_type=wrong), 415, 'unsupported_media_type')
        if schema_of(route):
            expect_problem(send(route, b''), 400, 'body_missing')
    return check


def asks_for_conditions(route):
    def check():
        if route.has('creates'):
            for key in (None, '', 'bare', '""', '"a", "b"', '"%s"' % ('k' * 65), '"a\\"b"', '"caf\xe9"'):
                expect_problem(send(route, {}, Idempotency_Key=key), 400, 'key_required')
        if route.has('versioned'):
            expect_problem(send(route, {}, If_Match=None), 428, 'precondition_required')
            for tag in ('*', 'W/"1"', '1', '"1", "2"', '""'):
                expect_problem(send(route, {}, If_Match=tag), 400, 'bad_precondition')
            for tag in ('"77"', '"999999"', '"nonsense"', '"-1"', "\"1'\""):
                expect_problem(send(route, {'no_such_member': 1}, If_Match=tag), 412, 'stale')
    return check


def tells_a_stranger_nothing(route):
    bodies = [b'{}', b'{"a":1,"a":2}', b'{"a":"\xff"}', b'[', b'{"a":1.5}', b'{"$sealed":1}', b'', b'{"no_such_member":1}']
    schema = schema_of(route)
    if schema:
        bodies.append(json.dumps(all_wrong(schema)[0]).encode())

    def likeness(reply):
        return reply.status, re.sub('"request_id":"[^"]*"', '', reply.text), \
            sorted((name, value) for name, value in reply.headers.items() if name not in ('Date', 'X-Request-Id', 'Content-Length'))

    def check():
        ended = Api()
        ended.token = ACTORS['scrutiny'].api.token
        sql("update session set ended_at = clock_timestamp() where account_id = '%s'" % ACTORS['scrutiny'].account.id)
        for api in (Api(), ended):
            seen = {repr(likeness(send(route, body, api=api))) for body in bodies}
            expect(len(seen), 1, 'answers to a stranger: %s' % sorted(seen))
            expect_problem(send(route, {}, api=api), 401, 'unauthenticated')
    return check


def asks_a_form_for_its_token(route):
    def check():
        actor, path = actor_of(route), path_of(route)
        for csrf in (None, '', 'A' * 43, ACTORS['hr'].pages.hash[:43]):
            pairs = [('_method', route.method), ('_key', 'k')] + ([('_csrf', csrf)] if csrf is not None else [])
            reply = actor.pages.post(path, pairs, csrf=False)
            expect(reply.status, 403, 'a form with CSRF token %r' % csrf, reply)
        from matrix import csrf_of
        reply = actor.pages.post(path, [('_method', route.method), ('_csrf', csrf_of(ACTORS['hr'].pages.hash))], csrf=False)
        expect(reply.status, 403, 'a form with the token of somebody else', reply)
        for header in ({'Sec-Fetch-Site': 'cross-site'}, {'Origin': 'https://elsewhere.example'}, {'Origin': 'null'}):
            reply = actor.pages.post(path, [('_method', route.method)], headers=header)
            expect(reply.status, 403, 'a form from elsewhere: %s' % header, reply)
        twice = [('_method', route.method), ('_csrf', csrf_of(actor.pages.hash)), ('_csrf', csrf_of(actor.pages.hash))]
        expect(actor.pages.post(path, twice, csrf=False).status in (400, 403, 404, 412), True, 'two tokens')
    return check


def refuses_broken_forms(route):
    def check():
        actor, path = (Browser() if route.has('anyone') else actor_of(route).pages), path_of(route)
        for body in (b'a=%zz', b'a=%', b'a=%ff', b'a=%00', b'a=\x00', b'&'.join(b'f%d=1' % n for n in range(600)), b'x' * 300 + b'=1'):
            reply = actor.request('POST', path, body, actor._headers({'Content-Type': FORM}))
            # Where the path names nothing, that is said first.
            expect(reply.status in ((400, 404, 412) if 'draft' in route.names else (400, 403)), True, 'the form %.30r' % body, reply)
        reply = actor.request('POST', path, b'a=' + b'x' * LIMIT, actor._headers({'Content-Type': FORM}))
        expect(reply.status, 413, 'a form over the limit', reply)
        for kind in ('multipart/form-data; boundary=x', 'text/plain', 'application/json'):
            reply = actor.request('POST', path, b'{}', actor._headers({'Content-Type': kind}))
            expect(reply.status, 415, 'a form as ' + kind, reply)
    return check


for write in WRITES:
    described_by = schema_of(write)
    if write.for_api:
        if described_by:
            case('%s names every fault of a body at once, by its pointer' % write.name)(untouched(names_every_fault(write, described_by)))
            case('%s refuses each field that is over its bound or of another type' % write.name)(
                untouched(refuses_each_field(write, described_by)))
        case('%s refuses members that are unknown or begin with $' % write.name)(untouched(refuses_names(write)))
        case('%s refuses what is not JSON as it accepts it' % write.name)(untouched(refuses_texts(write)))
        case('%s refuses what is too large or of another media type' % write.name)(untouched(refuses_sizes_and_media(write)))
        if write.has('creates') or write.has('versioned'):
            case('%s asks for its Idempotency-Key or If-Match before it looks at the body' % write.name)(
                untouched(asks_for_conditions(write)))
        if not write.has('anyone'):
            case('%s tells a stranger the same whatever the body' % write.name)(untouched(tells_a_stranger_nothing(write)))
    if write.for_pages:
        if not write.has('anyone'):
            case('%s takes no form without the token of its own session' % write.name)(untouched(asks_a_form_for_its_token(write)))
        case('%s refuses forms that no browser sends' % write.name)(untouched(refuses_broken_forms(write)))


# --- Steps of a pathway ------------------------------------------------------------------------------------------------

@case('a step that the state does not allow is a conflict and changes nothing')
def _():
    referral = REFERRALS['LADO']
    lead, lado = ACTORS['lead'], ACTORS['lado']

    def refused(actor, transition, status, code):
        before = sql("select n, state from referral where reference = '%s'" % referral)
        etag = '"%s"' % before.split('\t')[0]
        expect_problem(step(actor, referral, transition, etag=etag), status, code)
        expect(sql("select n, state from referral where reference = '%s'" % referral), before, 'where the referral stands')

    for transition in ('threshold_met', 'record_outcome', 'close'):
        refused(lead, transition, 409, 'conflict')
    refused(lado, 'confirm', 404, 'not_found')
    take(lead, referral, 'confirm')
    for transition in ('confirm', 'decline'):
        refused(lead, transition, 409, 'conflict')
    for transition in ('record_outcome', 'close'):
        refused(lado, transition, 409, 'conflict')
    refused(ACTORS['lado.oldquay'], 'threshold_met', 404, 'not_found')


@case('a step that runs by itself cannot be taken by hand')
def _():
    for transition in ('pass_by', 'send_at_once', 'send_past_lead', 'no_such_step', ''):
        reply = step(ACTORS['lead'], REFERRALS['MASH'], transition, data={})
        expect(reply.status in (409, 422), True, transition, reply)


@case('all faults of the answers to a step are named at once, by their pointers')
def _():
    lado, referral = ACTORS['lado'], REFERRALS['LADO']

    def found(data):
        reply = step(lado, referral, 'threshold_met', data=data)
        return {(fault['field'], fault['code']) for fault in expect_problem(reply, 422, 'invalid')['errors']}

    expect(found({}), {('/data/criteria', 'required'), ('/data/rationale', 'required')})
    expect(found({'criteria': ['NO_SUCH'], 'rationale': 5, 'more': 1}),
           {('/data/criteria/0', 'unknown_code'), ('/data/rationale', 'wrong_type'), ('/data/more', 'unknown_member')})
    expect(found({'criteria': ['HARMED', 'HARMED'], 'rationale': 'x' * 8001}),
           {('/data/criteria/1', 'repeated'), ('/data/rationale', 'too_long')})
    expect(found({'criteria': ['HARMED'], 'rationale': 'y', 'threshold_decision': 'MET'}), {('/data/threshold_decision', 'unknown_member')})


@case('a step cannot happen in the future or before the step before it')
def _():
    data = {'criteria': ['HARMED'], 'rationale': 'Clear.'}
    for happened, code in (('2099-01-01T00:00:00Z', 'in_future'), ('2020-01-01T00:00:00Z', 'before_last_step')):
        reply = step(ACTORS['lado'], REFERRALS['LADO'], 'threshold_met', data=data, happened_at=happened)
        expect_in(('/happened_at', code), faults(reply))


@case('values in the address are refused by name, and only to those who may ask')
def _():
    lead = ACTORS['lead'].api
    for path, code in (('/incidents?status=NOPE', 'bad_argument'), ('/incidents?limit=0', 'bad_argument'), ('/incidents?limit=201', 'bad_argument'),
                       ('/incidents?limit=1e1', 'bad_argument'), ('/incidents?from=2026-02-30', 'bad_argument'),
                       ('/incidents?nonsense=1', 'unknown_argument'), ('/incidents?cursor=AAAA', 'bad_cursor'),
                       ('/referrals?sort=NOPE', 'bad_argument'), ('/incidents?ref=UP-1', 'bad_argument')):
        expect_problem(lead.get(path), 400, code)
        expect_problem(Api().get(path), 401, 'unauthenticated')
    expect_problem(lead.get('/incidents?kind=INCIDENT&kind=OBSERVATION'), 400, 'repeated_argument')
    expect_problem(lead.get('/accounts/not-an-id'), 403, 'forbidden')
    expect_problem(ACTORS['admin'].api.get('/accounts/not-an-id'), 404, 'not_found')


@case('a cursor is good for its own list and filter and cannot be changed')
def _():
    for n in range(3):
        file_report(ACTORS['practitioner.nhs'], report(organisation='example-trust', narrative='For the list, %d.' % n))
    api = ACTORS['practitioner.nhs'].api
    following = api.get('/incidents?limit=1').json['next']
    cursor = urllib.parse.parse_qs(urllib.parse.urlsplit(following).query)['cursor'][0]
    expect(api.get(following).status, 200)
    for target in ('/incidents?limit=1&kind=INCIDENT&cursor=' + cursor, '/incidents?limit=1&cursor=' + cursor[:-2] + 'AA',
                   '/incidents?limit=1&cursor=' + cursor + 'A', '/incidents?limit=1&cursor=' + cursor[1:]):
        expect_problem(api.get(target), 400, 'bad_cursor')
    expect_problem(ACTORS['lead'].api.get('/referrals?limit=1&cursor=' + cursor), 400, 'bad_cursor')


run()
