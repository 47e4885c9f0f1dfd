#!/usr/bin/env python3
"""serve is killed fifty times and PostgreSQL twenty, while reports are being sent and steps taken, with the disk waited for.

Run under tests/lib/server --durable --no-serve. Afterwards every report that was acknowledged is there exactly once with its
event, every chain is whole, and serve is ready again by itself whenever the database is.

    run.py [KILLS_OF_SERVE KILLS_OF_POSTGRESQL]
"""
import http.client
import json
import os
import random
import sys
import threading
import time
import uuid

from client import case, eventually, expect, run
from matrix import accounts, new_token, report, rows, session_row, sql
from matrix_servers import Database, Serve

ARGUMENTS = [int(sys.argv.pop(1)) for _ in range(2) if len(sys.argv) > 1 and sys.argv[1].isdigit()]
SERVE_KILLS, DATABASE_KILLS = ARGUMENTS if len(ARGUMENTS) == 2 else (50, 20)
PORT = int(os.environ['TEST_PORT'])
WRITERS = 8
SEED = 7


def ask(method, path, body=None, token=None, key=None, timeout=20, etag=None):
    """(status, body) or None when there was no whole answer."""
    headers = {'Content-Type': 'application/json'} if body is not None else {}
    for name, value in (('Authorization', token and 'Bearer ' + token), ('Idempotency-Key', key and '"%s"' % key), ('If-Match', etag)):
        if value:
            headers[name] = value
    connection = http.client.HTTPConnection('127.0.0.1', PORT, timeout=timeout)
    try:
        connection.request(method, path, body and json.dumps(body).encode(), headers)
        reply = connection.getresponse()
        return reply.status, reply.read(), reply.getheader('ETag')
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def ready():
    answer = ask('GET', '/health/ready', timeout=3)
    return answer is not None and answer[0] == 200


def live():
    answer = ask('GET', '/health/live', timeout=3)
    return answer is not None and answer[0] == 200


class Writer(threading.Thread):
    """Files reports, takes steps, and remembers what was acknowledged. What got no answer is sent again under its key."""

    def __init__(self, number, token, lead):
        super().__init__(daemon=True)
        self.random, self.token, self.lead, self.number = random.Random(SEED + number), token, lead, number
        self.acknowledged, self.unanswered, self.taken, self.steps_unknown = {}, {}, set(), set()
        self.stopping = False

    def run(self):
        while not self.stopping:
            if self.unanswered and self.random.random() < 0.5:
                key, body = self.unanswered.popitem()
            else:
                key = str(uuid.uuid4())
                body = report(narrative='Writer %d, %s' % (self.number, key))
            answer = ask('POST', '/api/v1/incidents', body, self.token, key)
            if answer is not None and answer[0] == 201:
                self.acknowledged[key] = json.loads(answer[1])['reference']
                if self.random.random() < 0.3:
                    self.confirm(self.acknowledged[key])
            else:
                self.unanswered[key] = body
                time.sleep(0.05)

    def confirm(self, reference):
        answer = ask('GET', '/api/v1/incidents/' + reference, token=self.lead)
        if answer is None or answer[0] != 200:
            return
        for referral in [item['reference'] for item in json.loads(answer[1])['referrals']][:1]:
            answer = ask('POST', '/api/v1/referrals/%s/transitions' % referral, {'transition': 'confirm', 'data': {}}, self.lead, etag='"0"')
            if answer is not None and answer[0] == 200:
                self.taken.add(referral)
            elif answer is None or answer[0] >= 500:
                self.steps_unknown.add(referral)


SERVE, DATABASE = Serve(), Database()
WORK = []


def begin():
    found = accounts()
    tokens = {}
    for name in ('practitioner', 'lead'):
        tokens[name], session = new_token('b')
        sql(session_row(found[name].id, 'BEARER', session))
    SERVE.start()
    expect(eventually(ready, 30), True, 'ready at first')
    for number in range(WRITERS):
        WORK.append(Writer(number, tokens['practitioner'], tokens['lead']))
        WORK[-1].start()


def sent():
    return sum(len(writer.acknowledged) for writer in WORK)


def made_progress(before, seconds=20):
    """Reports are acknowledged again."""
    return eventually(lambda: sent() > before + WRITERS, seconds)


@case('serve was killed %d times while reports were being sent, and was ready again each time' % SERVE_KILLS)
def _():
    begin()
    pause = random.Random(SEED)
    for n in range(SERVE_KILLS):
        before = sent()
        expect(bool(made_progress(before)), True, 'reports before kill %d' % n)
        time.sleep(pause.random() * 0.15)
        SERVE.kill()
        SERVE.start()
        expect(eventually(ready, 30), True, 'ready after kill %d' % n)


@case('PostgreSQL was killed %d times: serve lived on, was not ready meanwhile, and ready again without a restart' % DATABASE_KILLS)
def _():
    pause = random.Random(SEED + 1)
    process = SERVE.process.pid
    for n in range(DATABASE_KILLS):
        before = sent()
        expect(bool(made_progress(before)), True, 'reports before kill %d' % n)
        time.sleep(pause.random() * 0.15)
        DATABASE.kill('kill' if n % 2 else 'immediate')
        expect(eventually(lambda: not ready(), 10), True, 'not ready without a database')
        expect(live(), True, 'alive without a database')
        DATABASE.start()
        expect(eventually(ready, 30), True, 'ready after kill %d' % n)
    expect((SERVE.process.poll(), SERVE.process.pid), (None, process), 'the same serve')


@case('what was acknowledged is there exactly once, each with its event and under its key')
def _():
    expect(bool(made_progress(sent())), True, 'reports at the end')
    for writer in WORK:
        writer.stopping = True
    for writer in WORK:
        writer.join(30)
    stored = {}
    for reference, key, events in rows("""
            select i.reference, d.key, (select count(*) from audit_event e where e.case_id = i.id and e.case_n = 1 and e.action = 'CREATE')
              from incident i join idempotency d on d.object_id = i.id"""):
        expect(reference in stored, False, 'twice: ' + reference)
        stored[reference] = key, events
    total = 0
    for writer in WORK:
        for key, reference in writer.acknowledged.items():
            expect(stored.get(reference), (key, '1'), reference)
            total += 1
    print('        %d reports acknowledged, %d steps taken, %d answers lost'
          % (total, sum(len(writer.taken) for writer in WORK), sum(len(writer.unanswered) for writer in WORK)))
    expect(total > 10 * (SERVE_KILLS + DATABASE_KILLS), True, 'reports')
    expect(sql('select count(*) from (select key from idempotency group by account_id, key having count(*) > 1) x'), '0')


@case('every report is whole: two referrals with their clocks and history, two people, one key')
def _():
    expect(sql("""select count(*) from incident i where i.submitted_at > (select min(at) from idempotency) and (
        (select count(*) from referral f where f.incident_id = i.id) <> 2
        or (select count(*) from incident_person p where p.incident_id = i.id) <> 2
        or not exists (select from data_key k where k.owner_id = i.id)
        or exists (select from referral f where f.incident_id = i.id
                      and (select count(*) from referral_event v where v.referral_id = f.id) <> f.n + 1)
        or exists (select from referral f where f.incident_id = i.id and not exists (select from clock c where c.referral_id = f.id)))"""), '0')


@case('every acknowledged step was taken once and is in its case\'s chain')
def _():
    taken = {referral for writer in WORK for referral in writer.taken}
    expect(len(taken) > SERVE_KILLS + DATABASE_KILLS, True, '%d steps' % len(taken))
    stored = {row[0]: row[1:] for row in rows("""
        select f.reference, f.n, (select count(*) from audit_event e where e.case_id = f.incident_id and e.object = 'referral ' || f.id || ' confirm'
                                     and e.case_n is not null) from referral f where f.n > 0""")}
    for referral in taken:
        expect(stored.get(referral), ['1', '1'], referral)


@case('every chain is free of gaps, and every link holds')
def _():
    expect(sql("""select count(*) from (select case_id from audit_event where case_n is not null group by case_id
                   having max(case_n) <> count(*) or min(case_n) <> 1) x"""), '0', 'chains with a gap')
    expect(sql("""select count(*) from incident i where i.case_n is distinct from
                   (select max(e.case_n) from audit_event e where e.case_id = i.id)"""), '0', 'cases ahead of their chain')
    expect(sql("""select count(*) from (select stream from audit_event group by stream having max(stream_n) <> count(*)) x"""), '0',
           'streams with a gap')
    expect(sql("""select count(*) from audit_event where leaf <> sha256('\\x00'::bytea || entry)"""), '0', 'leaves')


@case('serve ends well when it is told to')
def _():
    expect(SERVE.stop(), 0)


try:
    run()
finally:
    if SERVE.process and SERVE.process.poll() is None:
        SERVE.process.kill()
    DATABASE.stop()
