"""The public surface, name by name: conventions, resources, filters, and the OpenAPI document held to live answers."""
import csv
import datetime
import io
import json
import os
import re
import subprocess
import uuid

from client import Client, case, expect, expect_in, expect_not_in, expect_problem, run
from api_accounts import anyone, fresh, listed
from recorded import Recorded, TOP, check, exchanges
from report import file_report, referral_of, report, take

practitioner, lead, deputy, lado, auditor, commissioner = (
    Recorded(who + '@example.test') for who in ('practitioner', 'lead', 'lead.deputy', 'lado', 'auditor', 'commissioner'))
ABSENT, ABSENT_REFERRAL = 'UP-7K3M-9Q2Y', 'RF-7K3M-9Q2A'  # well formed, and nobody's


def at_root(path, **headers):
    return anyone.request('GET', path, None, {'Accept': '*/*', **headers})


def command(*arguments):
    return subprocess.run([os.environ['TEST_COMMAND'], 'admin', *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


# --- The document and the list of routes ------------------------------------------------------------------------------------

@case('the OpenAPI document is valid, and is the one that the command prints')
def _():
    reply = anyone.get('/openapi.json')
    expect(reply.status, 200)
    expect(reply.json, json.loads(command('openapi')))
    expect(reply.json['openapi'].startswith('3.1.'), True)
    findings, _ = check(reply.json, [])
    expect(findings, [])


@case('every route of the API is in the document, and nothing else is')
def _():
    rows = json.loads(command('routes', '--json'))
    wanted = {(row['method'], row['path'].replace('...', '')) for row in rows if 'page_only' not in row['flags'] or row['answer']}
    paths = anyone.get('/openapi.json').json['paths']
    expect({(method.upper(), path) for path, item in paths.items() for method in item}, wanted)


@case('every filter of a list and every header that a write needs is declared')
def _():
    document = anyone.get('/openapi.json').json

    def names(path, method):
        parameters = document['paths'][path][method].get('parameters', [])
        return {parameter.get('name') or parameter['$ref'].rsplit('/', 1)[-1] for parameter in parameters}

    expect(names('/incidents', 'get'), {'status', 'kind', 'organisation', 'strand', 'pathway', 'clock', 'from', 'to', 'ref', 'cursor', 'limit'})
    expect(names('/referrals', 'get'), {'pathway', 'state', 'assignee', 'clock', 'area', 'due', 'sort', 'cursor', 'limit'})
    expect(names('/audit/events', 'get'), {'actor', 'action', 'case', 'organisation', 'from', 'to', 'cursor', 'limit'})
    expect(names('/scrutiny/response-times', 'get'), {'from', 'to', 'organisation', 'area', 'pathway', 'format'})
    expect(names('/incidents', 'post'), {'Idempotency-Key'})
    expect(names('/referrals/{referral}/transitions', 'post'), {'referral', 'If-Match'})
    expect(document['components']['securitySchemes']['bearer']['scheme'], 'bearer')
    expect(document['paths']['/session']['post']['security'], [])


@case('docs/routes.md is what `upstander admin routes` prints')
def _():
    with open(os.path.join(TOP, 'docs', 'routes.md'), encoding='utf-8') as file:
        expect(file.read(), command('routes'), 'write it again: upstander admin routes > docs/routes.md')


# --- Conventions ------------------------------------------------------------------------------------------------------------

@case('a problem has its type, which leads to a page that explains it')
def _():
    problem = expect_problem(practitioner.get('/incidents/' + ABSENT), 404, 'not_found')
    page = Client().request('GET', problem['type'], None, {'Accept': 'text/html'})
    expect(page.status, 200)
    expect_in(problem['title'], page.text)
    twin = at_root(problem['type'], Accept='application/json')
    expect((twin.status, twin.json['title'], twin.json['status']), (200, problem['title'], 404))
    expect_problem(at_root('/problems/nonsuch', Accept='application/json'), 404, 'not_found')


@case('401 says how to authenticate, 405 what is allowed, 429 and 503 when to come again')
def _():
    reply = anyone.get('/incidents')
    expect_problem(reply, 401, 'unauthenticated')
    expect_in('Bearer', reply.header('WWW-Authenticate'))
    reply = practitioner.delete('/incidents')
    expect_problem(reply, 405, 'method_not_allowed')
    expect(reply.header('Allow'), 'GET, HEAD, POST')
    reply = practitioner.get('/incidents', headers={'Sec-Purpose': 'prefetch'})
    expect_problem(reply, 503, 'prefetch')
    expect(int(reply.header('Retry-After')) > 0, True)
    nobody = fresh('nobody')
    for _ in range(11):
        reply = anyone.post('/session', {'email': nobody, 'password': 'not the password'})
    expect_problem(reply, 429, 'throttled')
    expect(int(reply.header('Retry-After')) > 0, True)


@case('what a route cannot answer with, take or hold is 406, 415, 413 and 400')
def _():
    expect_problem(practitioner.get('/incidents', headers={'Accept': 'image/png'}), 406, 'not_acceptable')
    expect_problem(practitioner.post('/incidents', report(), content_type='text/plain'), 415, 'unsupported_media_type')
    expect_problem(practitioner.post('/incidents', report(narrative='a' * 70000)), 413, 'body_too_large')
    expect_problem(practitioner.post('/incidents', b'{"kind":'), 400, 'malformed_json')
    expect_problem(practitioner.post('/incidents', b'{"kind":"INCIDENT","kind":"INCIDENT"}'), 400, 'duplicate_member')
    expect_problem(practitioner.post('/incidents', b'{"harm":1.5}'), 400, 'number_not_whole')
    expect_problem(practitioner.get('/incidents?colour=red'), 400, 'unknown_argument')


@case('403 is a route that is not for this role; what may not be known of is 404, as what is not there')
def _():
    expect_problem(practitioner.get('/audit/events'), 403, 'forbidden')
    hidden = practitioner.get('/referrals/' + ABSENT_REFERRAL)
    incident = file_report(practitioner)
    elsewhere = Recorded('lado.oldquay@example.test').get('/incidents/' + incident)
    absent = lado.get('/incidents/' + ABSENT)
    expect([expect_problem(reply, 404)['detail'] for reply in (elsewhere, absent)], [absent.json['detail']] * 2)
    expect(hidden.status, 403, 'a reporter has no queue', hidden)


@case('every fault is named at once, with its pointer')
def _():
    reply = practitioner.post('/incidents', {'kind': 'NONSUCH', 'organisation': 'example-school', 'occurred_precision': 'EXACT',
                                             'harm': 'LIKELY', 'suspected_offence': 'NO', 'immediate_danger': 'no', 'narrative': 'x',
                                             'people': [{'role': 'WITNESS', 'ethnicity': {'code': 'NONSUCH'}}], '$sealed': 'x'})
    fields = {fault['field'] for fault in expect_problem(reply, 422, 'invalid')['errors']}
    expect({'/kind', '/immediate_danger', '/people/0/ethnicity/code', '/$sealed'} - fields, set(), 'pointers', reply)


# --- Sign-in ----------------------------------------------------------------------------------------------------------------

@case('signing in answers with token, expiry and actor; the session says what one may do, and ends')
def _():
    api = Recorded()
    reply = api.sign_in('lead@example.test')
    expect(reply.json['actor']['email'], 'lead@example.test')
    role = reply.json['actor']['roles'][0]
    expect((role['role'], role['organisation'], role['area']), ('AGENCY_LEAD', 'example-school', 'X12'))
    session = api.get('/session')
    expect((session.status, session.json['actor'], session.json['expires_at']), (200, reply.json['actor'], reply.json['expires_at']))
    expect(session.json['may']['REFERRAL_TAKE'], True)
    expect(api.delete('/session').status, 204)
    expect_problem(api.get('/session'), 401)
    wrong = anyone.post('/session', {'email': 'lead@example.test', 'password': 'not the password'})
    expect_problem(wrong, 401, 'sign_in_refused')
    expect_in('Bearer', wrong.header('WWW-Authenticate'))


# --- Incidents --------------------------------------------------------------------------------------------------------------

SENT = {'reference', 'kind', 'status', 'organisation', 'occurred_at_organisation', 'occurred_in', 'setting', 'occurred_on',
        'occurred_time', 'occurred_precision', 'aware_at', 'strands', 'levels', 'forms', 'perceived_by', 'direction', 'harm',
        'suspected_offence', 'narrative', 'verbatim', 'wishes', 'must_not_know', 'safe_contact', 'immediate_danger',
        'actions_taken', 'people', 'referrals', 'clocks', 'prompts', 'language_flags', 'receipt'}
FULL = {
    'occurred_at_organisation': 'example-trust', 'occurred_in': 'X12', 'setting': 'SECONDARY', 'occurred_on': '2026-03-02',
    'occurred_time': '14:30', 'occurred_precision': 'EXACT', 'levels': ['INTERPERSONAL'], 'forms': ['NAME_CALLING_JOKES'],
    'direction': 'ADULT_PUPIL', 'wishes': 'An apology', 'must_not_know': 'Her uncle', 'safe_contact': 'Only at school',
    'actions_taken': 'Sat with her', 'verbatim': [{'speaker': 'Terry', 'words': 'Go back to where you came from'}]}
PERSON = {
    'role': 'TARGET_CHILD', 'name': 'Adaeze Example', 'date_of_birth': '2014-05-06', 'email': 'adaeze@example.test',
    'ethnicity': {'code': 'B_AFR', 'self_described': 'Nigerian British', 'source': 'SELF'}, 'culture': 'Igbo',
    'religion': 'CHRISTIAN', 'first_language': 'Igbo', 'interpreter': {'offered': 'ACCEPTED', 'language': 'Igbo'},
    'home_authority': 'X12', 'looked_after_by': 'X12', 'works_with_children': 'NO', 'workplace': 'example-school',
    'workplace_authority': 'X12', 'impact': {'stereotyping': 'a', 'profiling': 'b', 'bias': 'c', 'racism': 'd', 'discrimination': 'e'}}


@case('a report comes back with every member that was given, by the same name and with the same value')
def _():
    body = report(**FULL)
    body['people'][0] = PERSON
    reply = practitioner.post('/incidents', body)
    expect(reply.status, 201, 'filing', reply)
    sent = reply.json
    expect(SENT - set(sent), set(), 'missing members')
    expect(reply.header('Location'), '/api/v1/incidents/' + sent['reference'])
    expect(bool(reply.header('ETag')), True)
    for api in (practitioner, lead):
        read = api.get('/incidents/' + sent['reference'])
        expect(bool(read.header('ETag')), True)
        expect({name: read.json[name] for name in body if name not in ('people', 'perceived_by')},
               {name: value for name, value in body.items() if name not in ('people', 'perceived_by')})
        expect(sorted(read.json['perceived_by']), sorted(body['perceived_by']))
        expect({name: read.json['people'][0][name] for name in PERSON}, PERSON)
        expect((read.json['people'][1]['ethnicity'], read.json['people'][1]['religion']), ({'code': 'NOT_ASKED'}, 'NOT_ASKED'))


@case('its receipt, what is proposed and by when are told with a report; to who works on it, every clock in one list')
def _():
    reply = practitioner.post('/incidents', report())
    expect(re.fullmatch('[0-9a-f]{64}', reply.json['receipt']['leaf']) is not None, True)
    expect(sorted(referral['pathway'] for referral in reply.json['referrals']), ['LADO', 'MASH'])
    expect(sorted(clock['pathway'] for clock in reply.json['clocks']), ['LADO', 'MASH'])
    worked = lead.get('/incidents/' + reply.json['reference']).json
    expect(sorted((clock['pathway'], clock['clock'], clock['status']) for clock in worked['clocks']),
           [('LADO', 'REFER', 'RUNNING'), ('MASH', 'REFER', 'RUNNING')])
    expect({clock['referral'] for clock in worked['clocks']}, {referral['reference'] for referral in worked['referrals']})
    expect({referral['state'] for referral in worked['referrals']}, {'PROPOSED'})
    read = practitioner.get('/incidents/' + reply.json['reference']).json
    expect_not_in('clocks', read, 'lateness is never shown to the reporter')


@case('a POST that creates needs its Idempotency-Key; a retry finds the first answer, another body is refused')
def _():
    body, key = report(), {'Idempotency-Key': '"%s"' % uuid.uuid4()}
    expect_problem(practitioner.post('/incidents', body, headers={'Idempotency-Key': None}), 400, 'key_required')
    expect_problem(practitioner.post('/incidents', body, headers={'Idempotency-Key': 'bare'}), 400, 'key_required')
    first, again = (practitioner.post('/incidents', body, headers=key) for _ in range(2))
    expect((again.status, again.json, again.header('Location')), (201, first.json, first.header('Location')))
    expect_problem(practitioner.post('/incidents', report(narrative='Something else.'), headers=key), 422, 'key_reused')
    reply = practitioner.post('/incidents/preview', body, headers={'Idempotency-Key': None})
    expect(reply.status, 200, 'a preview needs none', reply)


@case('a preview says which referrals the facts would propose and why, and stores nothing')
def _():
    before = practitioner.get('/incidents?limit=1').json['items'][0]['reference']
    reply = practitioner.post('/incidents/preview', report())
    expect([(item['pathway'], item['area'], bool(item['because'])) for item in reply.json['referrals']],
           [('LADO', 'X12', True), ('MASH', 'X12', True)])
    expect([item['pathway'] for item in practitioner.post('/incidents/preview', report(people=[])).json['referrals']], ['AGENCY'])
    expect(practitioner.get('/incidents?limit=1').json['items'][0]['reference'], before)


@case('additions are kept in the chronology, which is newest first')
def _():
    reference = file_report(practitioner)
    reply = practitioner.post(f'/incidents/{reference}/additions', {'text': 'She has since moved class.'})
    expect((reply.status, reply.json['text']), (201, 'She has since moved class.'))
    expect(bool(reply.json['receipt']['leaf']), True)
    chronology = lead.get(f'/incidents/{reference}/chronology').json
    expect(chronology['reference'], reference)
    expect([item['kind'] for item in chronology['items']][0], 'ADDITION')
    expect([item['kind'] for item in chronology['items']][-1], 'REPORTED')
    at = [datetime.datetime.fromisoformat(item['at']) for item in chronology['items']]
    expect(at, sorted(at, reverse=True))


@case('a declared conflict of interest is answered with a receipt, and stands in the chronology of those who remain')
def _():
    reference = file_report(practitioner)
    reply = lead.post(f'/incidents/{reference}/conflict', {'reason': 'I know the family.'})
    expect((reply.status, reply.json['incident'], bool(reply.json['receipt']['leaf'])), (200, reference, True))
    expect(lead.get('/incidents/' + reference).status, 404)
    first = deputy.get(f'/incidents/{reference}/chronology').json['items'][0]
    expect((first['kind'], first['text']), ('CONFLICT', 'I know the family.'))


@case('reports are filtered by status, kind, organisation, strand, pathway, clock, from, to and ref')
def _():
    reference = file_report(practitioner, kind='OBSERVATION', strands=['ANTI_LATIN_AMERICAN'])
    today = datetime.date.today().isoformat()
    for query in ('status=SUBMITTED', 'kind=OBSERVATION', 'organisation=example-school', 'strand=ANTI_LATIN_AMERICAN', 'pathway=LADO',
                  'clock=RUNNING', 'from=' + today, 'to=' + today, 'ref=' + reference):
        expect_in(reference, [item['reference'] for item in listed(lead, '/incidents?limit=200&' + query)], query)
    for query in ('status=CLOSED', 'kind=GOOD_PRACTICE', 'organisation=example-trust', 'strand=ISLAMOPHOBIA', 'clock=MET_LATE',
                  'from=2027-12-01', 'to=2020-01-01', 'ref=' + ABSENT):
        expect_not_in(reference, [item['reference'] for item in listed(lead, '/incidents?limit=200&' + query)], query)
    expect({item['kind'] for item in listed(lead, '/incidents?kind=OBSERVATION')}, {'OBSERVATION'})
    for status in ('SUBMITTED', 'IN_PROGRESS', 'CLOSED'):
        expect({item['status'] for item in listed(lead, '/incidents?status=' + status)}, {status})
    expect(listed(practitioner, '/incidents?clock=RUNNING'), [], 'clocks tell a reporter nothing')
    submitted = [item['submitted_at'] for item in listed(lead, '/incidents')]
    expect(submitted, sorted(submitted, reverse=True), 'newest first')


@case('filters of a rare kind do not end a list before its end')
def _():
    rare = file_report(practitioner, strands=['CASTE'])
    for _ in range(4):
        file_report(practitioner)
    expect_in(rare, [item['reference'] for item in listed(practitioner, '/incidents?strand=CASTE&limit=2')])


# --- Referrals and pathways -------------------------------------------------------------------------------------------------

@case('a list goes on by next and Link, holds at most 200, and has no total')
def _():
    reply = lado.get('/referrals?limit=2')
    expect(len(reply.json['items']), 2)
    expect(reply.header('Link'), '<%s>; rel="next"' % reply.json['next'])
    expect(reply.json['next'].startswith('/api/v1/referrals?'), True)
    expect_not_in('total', reply.json)
    following = lado.get(reply.json['next'])
    expect({item['reference'] for item in reply.json['items']} & {item['reference'] for item in following.json['items']}, set())
    for limit in ('0', '201', 'x'):
        expect_problem(lado.get('/referrals?limit=' + limit), 400, 'bad_argument')
    expect_problem(lado.get('/referrals?cursor=nonsense'), 400, 'bad_cursor')
    expect_problem(lado.get(reply.json['next'].replace('limit=2', 'state=CLOSED')), 400, 'bad_cursor')
    last = lado.get('/referrals?limit=200&pathway=MASH')
    expect_not_in('next', last.json, 'the last page')
    expect(last.header('Link'), None)


@case('the queue is filtered by pathway, state, assignee, clock and area, and is in order of what is due')
def _():
    items = listed(lado, '/referrals?limit=200&pathway=LADO&state=REFERRED&area=X12')
    expect({(item['pathway'], item['state'], item['area']) for item in items}, {('LADO', 'REFERRED', 'X12')})
    for status in ('BREACHED', 'RUNNING', 'MET'):
        for item in listed(lado, '/referrals?limit=5&clock=' + status):
            expect_in(status, [clock['status'] for clock in lado.get('/referrals/' + item['reference']).json['clocks']])
    expect(len(listed(lado, '/referrals?limit=5&clock=BREACHED')) > 0, True)
    expect(listed(lado, '/referrals?assignee=%s' % uuid.uuid4()), [])
    due = [datetime.datetime.fromisoformat(item['due_at']) for item in listed(lado, '/referrals?limit=200') if 'due_at' in item]
    expect(due, sorted(due))


@case('a referral says where it stands and what this actor may do; a step takes If-Match and moves its ETag')
def _():
    reference = referral_of(lead, file_report(practitioner), 'LADO')
    read = lead.get('/referrals/' + reference)
    expect({'reference', 'pathway', 'state', 'clocks', 'transitions', 'incident', 'assignee'} - set(read.json), set())
    expect([step['transition'] for step in read.json['transitions']], ['confirm', 'change', 'decline'])
    expect_in('fields', read.json['transitions'][0]['form'])
    path, step = f'/referrals/{reference}/transitions', {'transition': 'confirm', 'data': {}}
    expect_problem(lead.post(path, step), 428, 'precondition_required')
    expect_problem(lead.post(path, step, headers={'If-Match': 'bare'}), 400, 'bad_precondition')
    expect_problem(lead.post(path, step, headers={'If-Match': '"99"'}), 412, 'stale')
    expect_problem(take(lead, reference, 'close'), 409, 'conflict')
    done = lead.post(path, step, headers={'If-Match': read.header('ETag')})
    expect((done.status, done.json['state']), (200, 'REFERRED'))
    expect(done.header('ETag') != read.header('ETag'), True)
    expect(done.header('ETag'), lead.get('/referrals/' + reference).header('ETag'))
    waiting = listed(lado, '/referrals?due=NEW&limit=200')
    expect_in(reference, [item['reference'] for item in waiting])
    reply = lado.post('/referrals/acknowledgements', {'referrals': [reference, ABSENT_REFERRAL]})
    expect((reply.status, reply.json), (200, {'acknowledged': [reference]}))
    step = take(lado, reference, 'threshold_met', {'criteria': ['HARMED'], 'rationale': 'She was shamed.'})
    expect(step.status, 200, 'a step with answers', step)
    expect(step.json['answers']['criteria'], [{'list': 'lado_criterion', 'code': 'HARMED'}])


@case('the definitions in force are there to be read')
def _():
    items = practitioner.get('/pathways').json['items']
    expect([item['pathway'] for item in items], ['LADO', 'MASH', 'AGENCY'])
    for item in items:
        definition = practitioner.get('/pathways/' + item['pathway']).json
        expect(definition['version'], item['version'])
        expect([state['state'] for state in definition['states'] if state.get('initial')], ['OPEN' if item['pathway'] == 'AGENCY' else 'PROPOSED'])
    expect_problem(practitioner.get('/pathways/NONSUCH'), 404)


# --- Response times and the audit trail -------------------------------------------------------------------------------------

@case('response times answer by period, organisation, area and pathway, in JSON numbers')
def _():
    items = commissioner.get('/scrutiny/response-times').json['items']
    whole = [item for item in items if not item['suppressed']]
    expect(len(whole) > 2, True)
    for item in whole:
        expect(item['n'] >= item['on_time'] + item['late'] + item['open_past_due'], True)
        if item['calculable']:
            expect(item['on_time_lower'] <= item['on_time_percent'] <= item['on_time_upper'], True)
        expect({type(item[name]) for name in ('n', 'on_time', 'late', 'open_past_due')}, {int})
    for name, value in (('organisation', 'harbourside-lado'), ('area', 'X12'), ('pathway', 'LADO')):
        some = commissioner.get(f'/scrutiny/response-times?{name}={value}').json['items']
        expect({item[name] for item in some}, {value}, name)
    expect(commissioner.get('/scrutiny/response-times?from=2012-01-01&to=2012-01-31').json['items'], [])
    expect(commissioner.get('/scrutiny/response-times?from=2026-02-01&to=2026-01-31').status, 422)


@case('response times are the same figures as CSV, by Accept and by format')
def _():
    items = commissioner.get('/scrutiny/response-times').json['items']
    for reply in (commissioner.get('/scrutiny/response-times', headers={'Accept': 'text/csv'}),
                  commissioner.get('/scrutiny/response-times?format=csv')):
        expect((reply.status, reply.header('Content-Type')), (200, 'text/csv; charset=utf-8'))
        rows = list(csv.DictReader(io.StringIO(reply.text)))
        expect([(row['Organisation'], row['Number'], row['On time'], row['Late'], row['Open past due']) for row in rows],
               [(item['organisation_name'], *('c' if item['suppressed'] else str(item[name])
                                              for name in ('n', 'on_time', 'late', 'open_past_due'))) for item in items])
    expect_problem(commissioner.get('/audit/events', headers={'Accept': 'text/csv'}), 406, 'not_acceptable')


@case('the audit trail is read by actor, action, case, organisation, from and to, newest first')
def _():
    reference = file_report(practitioner)
    lead.get('/incidents/' + reference)
    today = datetime.date.today().isoformat()
    whole = listed(auditor, '/audit/events?case=' + reference)
    expect([item['action'] for item in whole], ['VIEW', 'CREATE'])
    expect({item['case'] for item in whole}, {reference})
    author = whole[-1]['actor']
    expect({item['actor'] for item in listed(auditor, '/audit/events?actor=' + author)}, {author})
    expect({item['action'] for item in listed(auditor, '/audit/events?action=DENY')}, {'DENY'})
    expect({item['organisation'] for item in listed(auditor, '/audit/events?organisation=example-school')}, {'example-school'})
    expect(listed(auditor, f'/audit/events?case={reference}&from={today}&to={today}'), whole)
    expect(listed(auditor, f'/audit/events?case={reference}&to=2020-01-01'), [])
    expect(listed(auditor, '/audit/events?case=' + ABSENT), [])
    times = [item['at'] for item in listed(auditor, '/audit/events')]
    expect(times, sorted(times, reverse=True))


# --- Running it -------------------------------------------------------------------------------------------------------------

@case('health and figures stand at the root')
def _():
    expect(at_root('/health/live').json, {'live': True})
    expect(at_root('/health/ready').json, {'ready': True})
    figures = at_root('/metrics')
    expect_in('text/plain', figures.header('Content-Type'))
    expect(re.search(r'(?m)^# TYPE \w+ (counter|gauge|histogram)$', figures.text) is not None, True)
    expect(anyone.get('/health/live').status, 404, 'not under /api/v1')


# --- What was seen above, held to the document ------------------------------------------------------------------------------

# Operations that cannot succeed here, and why.
UNREACHABLE = {
    'GET /password-resets/{token}': 'the link goes by mail alone',
    'POST /password-resets/{token}': 'the link goes by mail alone',
}


@case('every time in an answer is RFC 3339 with its offset')
def _():
    def walk(value):
        if isinstance(value, dict):
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)
        elif isinstance(value, str) and re.match(r'\d{4}-\d\d-\d\d[T ]\d', value):
            yield value

    times = {text for exchange in exchanges for text in walk(exchange['body'])}
    expect(len(times) > 50, True)
    expect([text for text in times if not re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)', text)], [])


@case('every answer is as the document says, and every operation has answered')
def _():
    for code in {exchange['body']['code'] for exchange in exchanges if exchange['type'] == 'application/problem+json'}:
        expect(at_root('/problems/' + code, Accept='application/json').status, 200, code)
    findings, unseen = check(anyone.get('/openapi.json').json, exchanges)
    expect(findings, [])
    expect(sorted(unseen), sorted(UNREACHABLE))


run()
