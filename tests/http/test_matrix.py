#!/usr/bin/env python3
"""The authorisation matrix, walked: every route, as page and in the API, for a stranger and for every account of the
demonstration; every route about a case with a case of the actor's own organisation, one of another, and one that names the
actor. What is expected comes from the route's row, from role_permission and from tests/lib/matrix_cases.py.
"""
import collections
import re
import uuid

from client import Api, case, expect, expect_in, expect_problem, run
from matrix import Browser, routes, rows, sql
from matrix_cases import World, referral_visible, traces, visible

NOBODY = '01a2012a-0000-7000-8000-000000000000'
ROUTES = routes()
WORLD = World()
ACTORS = WORLD.actors
CASE_PARAMETERS = {'incident', 'referral', 'draft'}

# A word for each parameter of a path that is no case. None of them names anything, so that an allowed request finds nothing
# and changes nothing.
OTHER = {'account': NOBODY, 'change': NOBODY, 'grant': NOBODY, 'session': '0' * 64, 'organisation': 'no-such-place', 'token': 'x' * 54,
         'pathway': 'LADO', 'code': 'stale', 'version': '0000000000000000', 'name': 'nothing.css', 'n': '1', 'page': 'kind'}


# How often each route was met by somebody who may and by somebody who may not: the last case asks that none was left out.
MET = collections.Counter()


def met(route, allowed):
    MET[route.name, 'allowed' if allowed else 'refused'] += 1


# A route that two permissions open: whoever manages accounts, and whoever may confirm a role may turn it down.
EITHER = {('POST', path): {'ACCOUNT_MANAGE', 'GRANT_CONFIRM'} for path in ('/grants/{grant}/end', '/account-changes/{change}/end')}


def may(route, account):
    either = EITHER.get((route.method, route.path))
    return bool(either & account.permissions) if either else route.may(account)


def is_about_case(route):
    return bool(CASE_PARAMETERS & set(route.names)) and 'account' not in route.names


# --- What a request to a route looks like, and what its answer means ---------------------------------------------------

def body_for(route, referral=None):
    """A body that the route takes, for the routes about a case; for all others an empty one, which says enough: it is
    refused only after everything about the actor."""
    if route.path.endswith('/additions'):
        return {'text': 'An addition of the matrix.'}
    if route.path.endswith('/transitions'):
        return {'transition': 'confirm', 'data': {}}
    if route.path.endswith('/acknowledgements'):
        return {'referrals': [referral or 'RF-2222-222L']}
    return {}


def headers_for(route):
    headers = {}
    if route.has('versioned'):
        headers['If-Match'] = '"999"'
    if route.has('creates'):
        headers['Idempotency-Key'] = '"%s"' % uuid.uuid4()
    return headers


# What a page must be asked with.
QUESTIONS = {'/referrals/{referral}/transitions': '?transition=confirm'}


def ask_api(api, route, path, **options):
    kind = 'application/merge-patch+json' if route.method == 'PATCH' else 'application/json'
    body = None if route.method in ('GET', 'DELETE') else body_for(route, **options)
    return api.call(route.method, path, body, headers=headers_for(route), content_type=kind)


def ask_page(pages, route, path, **options):
    if route.method == 'GET':
        return pages.get(path + QUESTIONS.get(route.path, ''))
    pairs = [('_method', route.method), ('_key', str(uuid.uuid4())), ('_etag', '999'),
             ('_query', QUESTIONS.get(route.path, '').lstrip('?'))]
    for name, value in body_for(route, **options).items():
        if isinstance(value, (str, list)):
            pairs += [(name, item) for item in ([value] if isinstance(value, str) else value)]
    return pages.post(path, pairs)


def verdict(reply):
    """What a status says of the actor: nobody, not for this role, nothing there, or let through."""
    return {401: 'nobody', 403: 'forbidden', 404: 'absent', 405: 'no such method', 400: 'malformed'}.get(reply.status, 'through')


def expect_verdict(reply, wanted, about):
    if reply.status >= 500:
        raise AssertionError('%s: %r' % (about, reply))
    expect(verdict(reply), wanted, about, reply)


def plain_path(route):
    return route.fill(incident=WORLD.absent['incident'], referral=WORLD.absent['referral'], draft=NOBODY, **OTHER)


# --- Strangers ---------------------------------------------------------------------------------------------------------

def stranger_meets(route):
    path = plain_path(route)
    if route.for_api:
        reply = ask_api(Api(), route, path)
        if route.has('anyone'):
            expect(reply.status not in (401, 403), True, 'anybody may ask', reply)
        else:
            expect_problem(reply, 401, 'unauthenticated')
            expect(reply.header('WWW-Authenticate') is not None, True, 'a 401 says how to sign in', reply)
        met(route, route.has('anyone'))
    if route.for_pages:
        reply = ask_page(Browser(), route, path)
        if route.has('anyone'):
            expect(reply.status not in (401, 403) and reply.status < 500, True, 'anybody may ask for the page', reply)
        elif route.method == 'GET':
            expect(reply.status, 303, 'a page leads to signing in', reply)
            expect_in('/sign-in?next=', reply.header('Location'))
        else:
            expect(reply.status, 401, 'a form from nobody', reply)
        met(route, route.has('anyone'))


# --- Routes that are not about a case ----------------------------------------------------------------------------------

# Signing out, and what ends sessions, is left to the end of the matrix's own sessions.
ENDS_SESSIONS = {('DELETE', '/session'), ('POST', '/sign-out'), ('POST', '/sessions/end-others')}


def everybody_meets(route):
    allowed = refused = 0
    for name, actor in ACTORS.items():
        wanted = {'through', 'absent', 'malformed'} if may(route, actor.account) else {'forbidden'}
        path = plain_path(route)
        replies = ([ask_api(actor.api, route, path)] if route.for_api else []) + \
                  ([ask_page(actor.pages, route, path)] if route.for_pages else [])
        for reply in replies:
            if reply.status >= 500 or verdict(reply) not in wanted:
                raise AssertionError('%s meets %s: wanted %s, got %r' % (name, route.name, sorted(wanted), reply))
        if route.method == 'GET' and not route.names and may(route, actor.account):
            for reply in replies:
                expect(reply.status in (200, 303), True, '%s reads %s' % (name, route.path), reply)
        met(route, may(route, actor.account))
        if may(route, actor.account):
            allowed += 1
        else:
            refused += 1
    expect(allowed > 0, True, 'somebody is allowed')
    if route.permission:
        expect(refused > 0, True, 'somebody is refused')


# --- Routes about a case -----------------------------------------------------------------------------------------------

def relations(name):
    """The cases that an actor is walked through, each in words."""
    return [('of the school', WORLD.own), ('of another organisation', WORLD.elsewhere), ('not yet sent on', WORLD.proposed),
            ('that names them', WORLD.naming[name]), ('that names somebody else', WORLD.naming['hr'])]


def places(route, found):
    """The paths of the route in a case, with whether this actor may know of what it is about."""
    if 'incident' in route.names:
        def may_know(actor):
            if route.path.endswith('/sent'):
                return actor.account.email == found.reporter
            return visible(actor, found)
        return [(route.fill(incident=found.reference, **OTHER), may_know)]
    return [(route.fill(referral=referral, **OTHER),
             lambda actor, pathway=pathway: referral_visible(actor, found, pathway)) for pathway, referral in found.referrals.items()]


def case_is_met(route):
    allowed = refused = hidden = 0
    for name, actor in ACTORS.items():
        for relation, found in relations(name):
            for path, may_know in places(route, found):
                wanted = 'forbidden' if not may(route, actor.account) else 'through' if may_know(actor) else 'absent'
                about = '%s meets %s of a case %s' % (name, route.name, relation)
                if route.for_api:
                    expect_verdict(ask_api(actor.api, route, path), wanted, about)
                if route.for_pages:
                    expect_verdict(ask_page(actor.pages, route, path), wanted, about + ', as a page')
                met(route, wanted == 'through')
                allowed, refused, hidden = allowed + (wanted == 'through'), refused + (wanted == 'forbidden'), hidden + (wanted == 'absent')
    for what, n in (('allowed', allowed), ('refused', refused), ('told that there is nothing', hidden)):
        expect(n > 0, True, 'somebody is ' + what)


# --- A report that is being written ------------------------------------------------------------------------------------

def begin_draft(actor):
    reply = actor.pages.post('/report', [('_key', str(uuid.uuid4()))])
    expect(reply.status, 303, 'beginning a report', reply)
    return re.search('/report/([0-9a-f-]{36})', reply.header('Location')).group(1)


def draft_is_met(route):
    writers = [name for name, actor in ACTORS.items() if 'INCIDENT_CREATE' in actor.account.permissions]
    draft = begin_draft(ACTORS['practitioner'])
    path = route.fill(draft=draft, **OTHER)
    for name, actor in ACTORS.items():
        wanted = 'forbidden' if name not in writers else 'absent'
        if name == 'practitioner':
            continue
        expect_verdict(ask_page(actor.pages, route, path), wanted, '%s meets %s' % (name, route.name))
        met(route, False)
    reply = ask_page(ACTORS['practitioner'].pages, route, path)
    through = reply.status in (200, 303, 409, 412, 422) or (reply.status == 404 and 'n' in route.names)
    expect(through, True, 'the writer meets ' + route.name, reply)
    met(route, True)


def declare(route):
    if not route.has('anyone'):
        case('%s asks a stranger to sign in' % route.name)(lambda: stranger_meets(route))
    else:
        case('%s answers a stranger' % route.name)(lambda: stranger_meets(route))
    if route.has('anyone') or (route.method, route.path) in ENDS_SESSIONS:
        return
    if 'draft' in route.names:
        case('%s is for the writer alone' % route.name)(lambda: draft_is_met(route))
    elif is_about_case(route):
        case('%s shows a case to those it is shown to, and to the others that there is nothing' % route.name)(lambda: case_is_met(route))
    else:
        case('%s answers each role as role_permission says' % route.name)(lambda: everybody_meets(route))


for row in ROUTES:
    declare(row)


@case('every route has one rule: a permission that some role has, anybody signed in, or anyone')
def _():
    given = {permission for permission, in rows('select distinct permission from role_permission')}
    for route in ROUTES:
        rules = [bool(route.permission), route.has('anyone'), route.has('signed_in')]
        expect(sum(rules), 1, route.name)
        if route.permission:
            expect_in(route.permission, given, route.name)


@case('signing out ends that session and no other')
def _():
    from matrix import Actor
    one, other = Actor(ACTORS['leader'].account), Actor(ACTORS['leader'].account)
    expect(one.api.delete('/session').status, 204)
    expect(one.api.get('/session').status, 401, 'the session that was ended')
    expect(other.api.get('/session').status, 200, 'another session of the same person')
    expect(one.pages.post('/sign-out', []).status, 303)
    expect(one.pages.get('/account').status, 303, 'the cookie that was ended')
    expect(other.pages.get('/account').status, 200, 'another browser')
    last = Actor(ACTORS['leader'].account)
    expect(last.pages.post('/sessions/end-others', []).status, 303)
    expect(last.pages.get('/account').status, 200, 'the session that ended the others')
    expect(other.pages.get('/account').status, 303, 'one of the others')
    ACTORS['leader'] = Actor(last.account)  # the matrix's own was one of the others too
    ended = {route for route in ROUTES if (route.method, route.path) in ENDS_SESSIONS}
    expect(len(ended), len(ENDS_SESSIONS), 'routes that end sessions')
    for route in ended:
        met(route, True)


# --- Hidden and absent are one answer ----------------------------------------------------------------------------------

VARIES = [(re.compile(rb'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'), b'(uuid)'),
          (re.compile(rb'(name="_csrf" value=")[A-Za-z0-9_-]{43}'), rb'\1(csrf)')]


def likeness(reply, *references):
    """A reply without what differs between any two: ids of requests, the date, and the reference that was asked for."""
    body = reply.body
    for pattern, instead in VARIES:
        body = pattern.sub(instead, body)
    headers = sorted((name.lower(), value) for name, value in reply.headers.items() if name.lower() not in ('date', 'x-request-id'))
    for reference in references:
        body = body.replace(reference.encode(), b'(reference)')
        headers = [(name, value.replace(reference, '(reference)')) for name, value in headers]
    return reply.status, headers, body


def expect_like_nothing(actor, route, path):
    """Asks for what a path names and for what is not there; gives how many answers were compared."""
    compared = 0
    reference = next(part for part in path.split('/') if re.match('(UP|RF)-', part))
    nothing = WORLD.absent['incident' if 'incident' in route.names else 'referral']
    for ask, way in ((ask_api, actor.api), (ask_page, actor.pages)):
        if not (route.for_api if ask is ask_api else route.for_pages):
            continue
        there = likeness(ask(way, route, path), reference)
        absent = likeness(ask(way, route, path.replace(reference, nothing)), nothing)
        expect(there, absent, '%s asks %s' % (actor.name, path))
        compared += 1
    return compared


ABOUT_CASES = [route for route in ROUTES if is_about_case(route) and 'draft' not in route.names]


@case('a case that is hidden and one that is not there answer alike, byte for byte, to everybody and on every route')
def _():
    compared = 0
    for name, actor in ACTORS.items():
        for route in ABOUT_CASES:
            for found in (WORLD.naming[name], WORLD.elsewhere, WORLD.own):
                for path, may_know in places(route, found):
                    if not may_know(actor):
                        compared += expect_like_nothing(actor, route, path)
    expect(compared > 300, True, '%d comparisons' % compared)


@case('a hidden case changes nothing in its events either: the same rows are written for a hidden and for an absent one')
def _():
    actor = ACTORS['lado']
    hidden, nothing = WORLD.naming['lado'], WORLD.absent

    def events(ask):
        before = sql('select coalesce(max(id), 0) from audit_event')
        ask()
        return rows("select action, object, coalesce(case_id::text, '-') from audit_event where id > %s and actor = '%s' order by id"
                    % (before, actor.account.id))

    for found, absent in (('/incidents/' + hidden.reference, '/incidents/' + nothing['incident']),
                          ('/referrals/' + hidden.referrals['LADO'], '/referrals/' + nothing['referral'])):
        one, other = events(lambda: actor.api.get(found)), events(lambda: actor.api.get(absent))
        expect(one, other, 'events of ' + found)
        expect(len(one), 1, 'a refusal is recorded')


# --- No trace ----------------------------------------------------------------------------------------------------------

FILTERS = {'/incidents': ['', '?status=IN_PROGRESS', '?kind=INCIDENT', '?pathway=LADO', '?strand=ANTI_BLACK', '?limit=1'],
           '/referrals': ['', '?due=NEW', '?due=LATE', '?due=TODAY', '?due=WAITING', '?pathway=LADO', '?state=REFERRED', '?area=X12',
                          '?sort=OPENED', '?limit=1'],
           '/audit/events': ['', '?action=CREATE', '?action=UPDATE', '?action=DENY', '?organisation=example-school', '?limit=7']}


def crawl(actor):
    """Every page and every answer that the actor can get without knowing a reference, with all pages of each list."""
    for route in ROUTES:
        if route.method != 'GET' or route.names or not (route.has('anyone') or may(route, actor.account)):
            continue
        for query in FILTERS.get(route.path, ['']):
            if route.for_api:
                path = route.path + query
                for _ in range(400):
                    reply = actor.api.get(path)
                    expect(reply.status, 200, '%s reads %s' % (actor.name, path), reply)
                    yield path, reply
                    path = reply.json.get('next') if reply.header('Content-Type') == 'application/json' else None
                    if not path:
                        break
            if route.for_pages:
                yield route.path + query, actor.pages.get(route.path + query)


def finds(actor, words):
    return sorted({(path, word) for path, reply in crawl(actor) for word in words if word.encode() in reply.body})


def names_nobody_finds(name):
    def check():
        actor, found = ACTORS[name], WORLD.naming[name]
        words = traces(found)
        expect(finds(actor, words), [], 'traces in what %s can read' % name)
        nothing = WORLD.absent['incident']
        for route, parameter in (('/incidents', 'ref'), ('/audit/events', 'case')):
            for way in (actor.api, actor.pages):
                one = likeness(way.get('%s?%s=%s' % (route, parameter, found.reference)), found.reference)
                other = likeness(way.get('%s?%s=%s' % (route, parameter, nothing)), nothing)
                expect(one, other, '%s filters %s by the reference' % (name, route))
        if 'REFERRAL_TAKE' in actor.account.permissions:
            reply = actor.api.post('/referrals/acknowledgements', {'referrals': list(found.referrals.values())})
            expect((reply.status, reply.json['acknowledged']), (200, []), 'acknowledging what is hidden')
    return check


for who in ACTORS:
    if who != 'practitioner':
        case('%s, whom a case names, finds no trace of it in any list, page, count, filter or event' % who)(names_nobody_finds(who))


@case('whoever declared a conflict of interest in a case finds no trace of it either, and every route answers as if it were not there')
def _():
    for name in ('lead', 'lado', 'mash.manager', 'mash'):
        actor, found = ACTORS[name], WORLD.sent_on('declared%smarker' % name.replace('.', ''))
        expect(actor.api.get('/incidents/' + found.reference).status, 200, name + ' works on the case')
        reply = actor.api.post('/incidents/%s/conflict' % found.reference, {'reason': 'I know the family.'})
        expect(reply.status, 200, 'declaring', reply)
        expect(finds(actor, traces(found)), [], 'traces in what %s can read' % name)
        for route in ABOUT_CASES:
            for path, _ in places(route, found):
                expect_like_nothing(actor, route, path)


@case('the deputy finds the case that names the lead, and the lead the one that names the deputy')
def _():
    for name, other in (('lead', 'lead.deputy'), ('lead.deputy', 'lead')):
        found = WORLD.naming[name]
        expect(ACTORS[other].api.get('/incidents/' + found.reference).status, 200)
        for referral in found.referrals.values():
            expect(ACTORS[other].api.get('/referrals/' + referral).status, 200)
        listed = {item['reference'] for item in ACTORS[other].api.get('/incidents?limit=200').json['items']}
        expect_in(found.reference, listed)


@case('the auditor reads the events of a case that names somebody else')
def _():
    reply = ACTORS['auditor'].api.get('/audit/events?case=' + WORLD.own.reference)
    expect(len(reply.json['items']) > 2, True, 'events', reply)


@case('no count, list or figure of the person named changes when a case about them is reported')
def _():
    for name in ('lead', 'lado', 'mash.manager', 'mash', 'auditor', 'leader', 'dpo'):
        actor = ACTORS[name]
        asked = [path for path in ('/incidents', '/referrals', '/referrals?due=NEW', '/referrals?due=WAITING',
                                   '/scrutiny/response-times') if actor.api.get(path).status == 200]
        asked_pages = ['/', '/account'] + [path for path in asked if '?' not in path]

        def look():
            return [(path, actor.api.get(path).json) for path in asked], \
                   [(path, re.sub('[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?[ap]?m?', '', actor.pages.get(path).text_only)) for path in asked_pages]

        def still(looked):
            text = re.sub('"as_at": "[^"]*"', '', str(looked).replace("'", '"'))
            return re.sub(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d', '', text)

        before = still(look())
        WORLD.naming[name] = WORLD.name_again(name)
        expect(still(look()), before, 'what %s sees' % name)


@case('the outbox names no person and no case that somebody named in it could recognise')
def _():
    columns = [name for name, in rows("""select attname from pg_attribute where attrelid = 'outbox'::regclass and attnum > 0
                                          and not attisdropped""")]
    text = sql('select * from outbox')
    for found in (WORLD.own, *WORLD.naming.values()):
        for word in (found.reference, found.marker, *found.referrals.values()):
            expect(word in text, False, '%s in the outbox (%s)' % (word, columns))


@case('no route was left out: each met somebody who may, and each that is not for anyone somebody who may not')
def _():
    for route in ROUTES:
        for how in ['allowed'] + ['refused'] * (not route.has('anyone')):
            expect(MET[route.name, how] > 0, True, '%s: nobody was %s' % (route.name, how))


run()
