#!/usr/bin/env python3
"""The whole line by the API: a report, the lead, the LADO and the front door to their ends, the response times, and the trail
that is left; and what happens when the same is sent twice, at once, or too late."""
import http.client
import json
import os
import subprocess
import threading
import uuid

from client import PASSWORD, Api, Pages, case, expect, expect_in, expect_not_in, expect_problem, run
from matrix import (Actor, actors, child, colleague, counts, file_report, give_birth_date, referrals_of, report, rows, sql, step, take)

ACTORS = actors()
REPORTER, LEAD, LADO, MASH = (ACTORS[name] for name in ('practitioner', 'lead', 'lado', 'mash.manager'))
CLOCK_WORDS = ('clock', 'due_at', 'late', 'BREACHED', 'working_days', 'answer_by')


def figures(organisation, pathway):
    items = ACTORS['commissioner'].api.get('/scrutiny/response-times?organisation=%s&pathway=%s' % (organisation, pathway)).json['items']
    return {item['clock']: item['n'] for item in items}


def members(value, found=None):
    """Every member's name in a JSON value, at any depth."""
    found = set() if found is None else found
    if isinstance(value, dict):
        for name, inner in value.items():
            found.add(name)
            members(inner, found)
    elif isinstance(value, list):
        for inner in value:
            members(inner, found)
    return found


@case('a report goes to the lead, the LADO and the front door, to an outcome, and into the response times')
def _():
    before = {slug: figures(slug, pathway) for slug, pathway in (('harbourside-lado', 'LADO'), ('harbourside-mash', 'MASH'))}
    reply = REPORTER.api.post('/incidents', report())
    expect(reply.status, 201, 'filing', reply)
    reference, sent = reply.json['reference'], reply.json
    expect(reply.header('Location'), '/api/v1/incidents/' + reference)
    expect(sent['status'], 'SUBMITTED')
    expect([item['pathway'] for item in sent['referrals']], ['LADO', 'MASH'])
    expect(len(sent['receipt']['leaf']), 64, 'the receipt')
    referrals = referrals_of(reference)

    queue = {item['reference']: item for item in LEAD.api.get('/referrals?limit=200').json['items']}
    for referral in referrals.values():
        expect((queue[referral]['state'], queue[referral]['new'], queue[referral]['clock_status']), ('PROPOSED', True, 'RUNNING'))
    acknowledged = LEAD.api.post('/referrals/acknowledgements', {'referrals': list(referrals.values())})
    expect(sorted(acknowledged.json['acknowledged']), sorted(referrals.values()))

    expect(LADO.api.get('/referrals/' + referrals['LADO']).status, 404, 'before the lead answers')
    for referral in referrals.values():
        take(LEAD, referral, 'confirm')
    expect(LADO.api.get('/referrals/' + referrals['LADO']).json['state'], 'REFERRED')
    expect(LADO.api.get('/referrals/' + referrals['MASH']).status, 404, 'the other pathway')

    for transition, state in (('threshold_met', 'THRESHOLD_MET'), ('record_outcome', 'OUTCOME_RECORDED'), ('close', 'CLOSED')):
        taken = take(LADO, referrals['LADO'], transition)
        expect(taken.json['state'], state)
        expect(len(taken.json['receipt']['leaf']), 64, 'the receipt of ' + transition)
    expect(LEAD.api.get('/incidents/' + reference).json['status'], 'IN_PROGRESS', 'the front door is not done')
    take(ACTORS['mash'], referrals['MASH'], 'screen')
    for transition in ('decide', 'close'):
        taken = take(MASH, referrals['MASH'], transition)
    expect(taken.json['incident']['status'], 'CLOSED')

    outcome = LADO.api.get('/referrals/' + referrals['LADO']).json
    expect(outcome['answers']['outcome'][0]['code'], 'SUBSTANTIATED')
    expect(outcome['answers']['threshold_decision'][0]['code'], 'MET')
    expect({clock['status'] for clock in outcome['clocks']}, {'MET'})
    after = {slug: figures(slug, pathway) for slug, pathway in (('harbourside-lado', 'LADO'), ('harbourside-mash', 'MASH'))}
    expect(after['harbourside-lado'].get('ACK_EVAL', 0), before['harbourside-lado'].get('ACK_EVAL', 0) + 1, 'LADO response times')
    expect(after['harbourside-mash'].get('DECISION', 0), before['harbourside-mash'].get('DECISION', 0) + 1, 'MASH response times')
    world['closed'] = reference, referrals


world = {}


@case('every step left its event, in order, in one gap-free chain')
def _():
    reference, referrals = world['closed']
    chain = rows("""select e.case_n, split_part(e.object, ' ', 3), coalesce(a.email, '-') from audit_event e
                      left join account a on a.id = e.actor join incident i on i.id = e.case_id
                     where i.reference = '%s' and e.case_n is not null order by e.id""" % reference)
    expect([int(row[0]) for row in chain], list(range(1, len(chain) + 1)), 'the chain')
    expect([row[1] for row in chain], ['', 'confirm', 'confirm', 'threshold_met', 'record_outcome', 'close', 'screen', 'decide', 'close'])
    expect(chain[0][2], 'practitioner@example.test')
    expect({row[2] for row in chain if row[1] == 'confirm'}, {'lead@example.test'})
    expect(sql("""select count(*) from audit_event e where e.leaf <> sha256('\\x00'::bytea || e.entry)"""), '0', 'leaves')
    expect(sql("""select count(*) from (select e.leaf, lag(e.leaf) over (partition by case_id order by case_n) as before, e.entry
                    from audit_event e where case_n is not null) x
                   where before is not null and position(convert_to(encode(before, 'hex'), 'UTF8') in entry) = 0"""), '0', 'the links')
    shown = ACTORS['auditor'].api.get('/audit/events?limit=200&case=' + reference).json['items']
    expect([item['case_n'] for item in shown if item.get('case_n')], list(range(len(chain), 0, -1)), 'what the auditor reads')


@case('every reading and every refusal is an event too')
def _():
    reference, referrals = world['closed']

    def latest():
        return rows('select action, object, actor from audit_event order by id desc limit 1')[0]

    LEAD.api.get('/incidents/' + reference)
    expect(latest()[0], 'VIEW')
    expect(latest()[2], LEAD.account.id)
    ACTORS['lead.nhs'].api.get('/incidents/' + reference)
    expect(latest()[0], 'DENY')
    ACTORS['commissioner'].api.get('/incidents/' + reference)
    expect(latest()[:2], ['DENY', 'route /incidents/{incident}'])
    LEAD.api.get('/incidents?strand=ANTI_BLACK')
    expect(latest()[0] in ('VIEW', 'SEARCH'), True, 'a list')


@case('the reporter is never told of lateness or clocks, whatever they ask')
def _():
    reference, referrals = file_report(REPORTER, report())
    for path in ('/incidents', '/incidents/' + reference, '/incidents/%s/chronology' % reference):
        names = members(REPORTER.api.get(path).json)
        for word in CLOCK_WORDS:
            expect([name for name in names if word in name], [], '%s in %s' % (word, path))
    for referral in referrals.values():
        expect(REPORTER.api.get('/referrals/' + referral).status, 403)
    text = REPORTER.pages.get('/incidents/' + reference).text_only.lower()
    for word in ('late', 'overdue', 'working day'):
        expect_not_in(word, text, 'the page of the reporter')
    worked = members(LEAD.api.get('/incidents/' + reference).json)
    expect_in('clocks', worked, 'the lead sees them')


def together(n, work):
    """Runs work(i) in n threads that start as one; gives the results."""
    results, gate = [None] * n, threading.Barrier(n)

    def one(i):
        gate.wait()
        results[i] = work(i)
    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@case('the same report sent twice is one report, answered with the first answer')
def _():
    key, body = {'Idempotency-Key': '"%s"' % uuid.uuid4()}, report(narrative='Sent twice.')
    first, again = REPORTER.api.post('/incidents', body, headers=key), REPORTER.api.post('/incidents', body, headers=key)
    expect((first.status, again.status), (201, 201))
    expect(again.json['reference'], first.json['reference'])
    expect(again.json['receipt'], first.json['receipt'])
    reordered = dict(reversed(body.items()))
    expect(REPORTER.api.post('/incidents', reordered, headers=key).json['reference'], first.json['reference'], 'members in another order')
    expect_problem(REPORTER.api.post('/incidents', {**body, 'harm': 'LIKELY'}, headers=key), 422)
    other = ACTORS['lead'].api.post('/incidents', body, headers=key)
    expect(other.status, 201, 'the key of somebody else')
    expect(other.json['reference'] != first.json['reference'], True, 'keys are each account\'s own')
    addition = '/incidents/%s/additions' % first.json['reference']
    one, two = (REPORTER.api.post(addition, {'text': 'More.'}, headers={'Idempotency-Key': '"%s-2"' % key['Idempotency-Key'][1:20]})
                for _ in range(2))
    expect((one.status, two.status, one.json['id']), (201, 201, two.json['id']), 'additions')


@case('twenty submissions of one key at once make one report; the others are replays, or told that it is under way')
def _():
    for round_ in range(5):
        key, body = {'Idempotency-Key': '"%s"' % uuid.uuid4()}, report(narrative='At once, %d.' % round_)
        clients = []
        for _ in range(20):
            api = Api()
            api.token = REPORTER.api.token
            clients.append(api)
        before = counts()
        replies = together(20, lambda i: clients[i].post('/incidents', body, headers=key))
        made = {reply.json['reference'] for reply in replies if reply.status == 201}
        expect(len(made), 1, 'reports: %s' % [reply.status for reply in replies])
        for reply in replies:
            if reply.status != 201:
                expect_problem(reply, 409, 'in_progress')
        after = counts()
        expect((after['incident'] - before['incident'], after['referral'] - before['referral'],
                after['idempotency'] - before['idempotency']), (1, 2, 1), 'rows')


@case('two people who answer the same proposal at once: one does, the other is told that it changed')
def _():
    for _ in range(5):
        _, referrals = file_report(REPORTER, report())
        pair = [Actor(LEAD.account), Actor(ACTORS['lead.deputy'].account)]
        replies = together(2, lambda i: step(pair[i], referrals['LADO'], ('confirm', 'decline')[i], etag='"0"'))
        expect(sorted(reply.status for reply in replies), [200, 412], 'replies')
        expect(sql("select n from referral where reference = '%s'" % referrals['LADO']), '1')


@case('ten steps at once under one ETag: exactly one is taken, and its chain has no gap')
def _():
    reference, referrals = file_report(REPORTER, report())
    crowd = [Actor(LEAD.account) for _ in range(10)]
    replies = together(10, lambda i: step(crowd[i], referrals[('LADO', 'MASH')[i % 2]], 'confirm', etag='"0"'))
    expect(sorted(reply.status for reply in replies), [200] * 2 + [412] * 8)
    chain = rows("""select e.case_n from audit_event e join incident i on i.id = e.case_id where i.reference = '%s'
                       and e.case_n is not null order by e.case_n""" % reference)
    expect([int(n) for n, in chain], [1, 2, 3])


@case('a stale ETag is 412 and the right one goes through')
def _():
    _, referrals = file_report(REPORTER, report())
    expect_problem(step(LEAD, referrals['LADO'], 'confirm', etag='"5"'), 412, 'stale')
    reply = take(LEAD, referrals['LADO'], 'confirm')
    expect(reply.header('ETag') is not None, True, 'an ETag comes with the reply')


@case('immediate danger passes the lead by, and a declined proposal is shown with its reason to the desk')
def _():
    _, referrals = file_report(REPORTER, report(immediate_danger=True))
    expect(LADO.api.get('/referrals/' + referrals['LADO']).json['state'], 'REFERRED')
    expect(MASH.api.get('/referrals/' + referrals['MASH']).json['state'], 'CONTACT')
    _, referrals = file_report(REPORTER, report())
    take(LEAD, referrals['MASH'], 'decline')
    seen = MASH.api.get('/referrals/' + referrals['MASH'])
    expect((seen.status, seen.json['state']), (200, 'DECLINED'))
    expect_in('We have spoken to the family.', seen.text)


@case('a lead whom the report names is passed over, and without a free lead it goes to the desk at once')
def _():
    give_birth_date(LEAD)
    give_birth_date(ACTORS['lead.deputy'])
    people = [child(), colleague(), {'role': 'WITNESS', 'email': 'lead@example.test'},
              {'role': 'WITNESS', 'email': 'lead.deputy@example.test'}]
    reference, referrals = file_report(REPORTER, report(people=people))
    expect(LADO.api.get('/referrals/' + referrals['LADO']).json['state'], 'REFERRED')
    for name in ('lead', 'lead.deputy'):
        expect(ACTORS[name].api.get('/incidents/' + reference).status, 404)


@case('the preview says where a report would go and keeps nothing')
def _():
    before = counts('audit_event', 'audit_detail')
    reply = REPORTER.api.post('/incidents/preview', report())
    expect([item['pathway'] for item in reply.json['referrals']], ['LADO', 'MASH'])
    expect(all(item['because'] for item in reply.json['referrals']), True, 'reasons')
    expect(counts('audit_event', 'audit_detail'), before)


@case('a new referral is told to its desk by one outbox row, before any mail')
def _():
    before = int(sql('select count(*) from outbox'))
    _, referrals = file_report(REPORTER, report())
    expect(int(sql('select count(*) from outbox')), before + 2, 'the lead is told of both')
    take(LEAD, referrals['LADO'], 'confirm')
    kinds = rows("select o.kind from outbox o join referral f on f.id = o.referral_id where f.reference = '%s' order by o.id"
                 % referrals['LADO'])
    expect(kinds, [['REFERRAL_WAITING'], ['REFERRAL_WAITING']])


def sign_in_with_held(email, held):
    """Signs in on the page that took the place of a refused form; gives the page that follows."""
    pages = Pages()
    page = pages.get('/sign-in')
    form = page.form('/sign-in')
    form.set('email', email).set('password', PASSWORD)
    form.values = [pair for pair in form.values if pair[0] != 'held'] + [['held', held]]
    return pages.submit(page, form)


@case('answers typed into a session that had ended come back to their writer after signing in, and to nobody else')
def _():
    reference, _ = file_report(REPORTER, report())
    writer = Actor(REPORTER.account)
    sql("update session set ended_at = clock_timestamp() where hash = '%s'" % writer.pages.hash)
    words = 'held words ' + uuid.uuid4().hex
    before = counts('audit_event', 'audit_detail')
    refused = writer.pages.post('/incidents/%s/additions' % reference, [('text', words), ('_key', 'held')])
    expect(refused.status, 401, 'an ended session', refused)
    expect_not_in(words, refused.text, 'the sign-in page')
    held = dict(tuple(pair) for pair in refused.form('/sign-in').values)['held']
    expect(counts('audit_event', 'audit_detail'), before, 'nothing was written')
    for email in ('lead@example.test', 'practitioner.nhs@example.test'):
        expect_not_in(words, sign_in_with_held(email, held).text, 'shown to ' + email)
    for forged in (held[:-4] + 'AAAA', 'A' * len(held), held[40:]):
        expect_not_in(words, sign_in_with_held('practitioner@example.test', forged).text)
    back = sign_in_with_held('practitioner@example.test', held)
    expect_in(words, back.text, 'given back')
    expect(back.form('/incidents/%s/additions' % reference) is not None, True, 'in the form that it came from')


@case('past a lane\'s queue a request is told when to come again, and nothing of it is kept')
def _():
    # The database is held up, so that the queue (1,024 and 4 batches of 16) fills.
    before = counts('audit_event', 'audit_detail')
    body = json.dumps(report(narrative='Too many.')).encode()
    hold = subprocess.Popen(['psql', '-Xq', '-c', 'begin; lock table upstander.session in access exclusive mode; select pg_sleep(4); rollback'],
                            stdout=subprocess.DEVNULL)
    statuses, waits = [], []
    try:
        connections = []
        for n in range(1400):
            connection = http.client.HTTPConnection('127.0.0.1', int(os.environ['TEST_PORT']), timeout=60)
            connection.request('POST', '/api/v1/incidents', body, {
                'Authorization': 'Bearer ' + REPORTER.api.token, 'Content-Type': 'application/json', 'Idempotency-Key': '"%s"' % uuid.uuid4()})
            connections.append(connection)
        for connection in connections:
            reply = connection.getresponse()
            reply.read()
            statuses.append(reply.status)
            if reply.status != 201:
                waits.append(reply.getheader('Retry-After'))
            connection.close()
    finally:
        hold.wait()
    # 429 is the bound on requests of one address, 503 the lane's.
    expect(set(statuses) <= {201, 429, 503}, True, 'statuses %s' % sorted(set(statuses)))
    expect(len(waits) > 100, True, '%d were refused' % len(waits))
    expect(all(wait and int(wait) > 0 for wait in waits), True, 'Retry-After')
    after = counts('audit_event', 'audit_detail')
    expect(after['incident'] - before['incident'], statuses.count(201), 'what was acknowledged is kept, and nothing else')


run()
