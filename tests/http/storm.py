#!/usr/bin/env python3
"""Fifty thousand mixed requests of many people at once, while clients hang up and database connections are killed.

    storm.py [REQUESTS]

Each person's reports hold a word that nobody else's do. No reply may ever hold the word of a person whose reports the asker
may not see, and every report that was acknowledged is there exactly once, with its audit event.
"""
import asyncio
import json
import os
import random
import re
import sys
import time

from client import case, expect, run
from matrix import absent_reference, accounts, new_token, report, rows, session_row, sql

REQUESTS = int(sys.argv.pop(1)) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 50000
CONNECTIONS = 48
SEED = 20261122
WORD = re.compile(rb'stormword([a-z]+)x')
PORT = int(os.environ['TEST_PORT'])


class Person:
    """An account of the storm with its session, word and what it filed."""

    def __init__(self, number, account, reads):
        self.number, self.account, self.reads = number, account, reads
        self.token, self.hash = new_token('b')
        self.cookie, self.cookie_hash = new_token('c')
        self.word = 'stormword%sx' % ''.join(chr(ord('a') + int(digit)) for digit in str(number))
        self.filed = {}    # idempotency key: reference, acknowledged
        self.unknown = {}  # idempotency key: body, of which no answer came
        self.bodies = {}


class Storm:
    def __init__(self):
        found = accounts()
        names = ['practitioner', 'practitioner.nhs', 'practitioner.ips', 'lead.nhs', 'lado.oldquay', 'police', 'iro', 'social.worker',
                 'intake', 'leader', 'scrutiny', 'commissioner', 'hr', 'lead', 'mash', 'auditor', 'dpo', 'admin']
        self.people = [Person(n + 10, found[name], None) for n, name in enumerate(names)]
        sql(''.join(session_row(person.account.id, 'BEARER', person.hash) + session_row(person.account.id, 'COOKIE', person.cookie_hash)
                    for person in self.people))
        self.random = random.Random(SEED)
        self.left, self.done = REQUESTS, 0
        self.statuses, self.leaks, self.odd = {}, [], []
        self.references = []
        self.killed = self.hung_up = self.lost = 0
        # Whose word may stand in whose replies: one's own, and that of the people whose reports one's unit is shown. A report of
        # the storm names nobody, so the agency answers it: its leads see it or, where an organisation has none, the intake.
        led = {organisation for account in found.values() if 'AGENCY_LEAD' in account.roles for organisation in account.organisations}
        self.may_see = {person: {other.word.encode() for other in self.people
                                 if other is person or ('AGENCY_LEAD' in person.account.roles
                                                        and other.account.organisations & person.account.organisations)
                                 or ('PARTNERSHIP_INTAKE' in person.account.roles and not other.account.organisations & led)}
                        for person in self.people}
        for person in self.people:
            person.organisation = sorted(person.account.organisations)[0]

    # --- What is asked ---

    def body(self, person, n):
        return report(organisation=person.organisation, narrative='%s number %d' % (person.word, n), people=[], harm='NONE_KNOWN',
                      wishes=person.word, verbatim=[{'speaker': 'Somebody', 'words': person.word}])

    def request(self, person, n):
        """(method, path, body, headers, key): one request of the mix."""
        pick = self.random.random()
        bearer = {'Authorization': 'Bearer ' + person.token}
        if pick < 0.22:
            key = 'storm-%d' % n
            return 'POST', '/api/v1/incidents', json.dumps(self.body(person, n)).encode(), {**bearer, 'Idempotency-Key': '"%s"' % key}, key
        if pick < 0.42 and self.references:
            return 'GET', '/api/v1/incidents/' + self.random.choice(self.references), None, bearer, None
        if pick < 0.52 and person.filed:
            return 'GET', '/api/v1/incidents/' + self.random.choice(list(person.filed.values())), None, bearer, None
        if pick < 0.58:
            return 'GET', '/api/v1/incidents?limit=20', None, bearer, None
        if pick < 0.64:
            return 'GET', '/api/v1/referrals', None, bearer, None
        if pick < 0.70 and self.references:
            return 'GET', '/incidents/' + self.random.choice(self.references), None, {'Cookie': '__Host-session=' + person.cookie}, None
        if pick < 0.74:
            return 'GET', '/api/v1/session', None, bearer, None
        if pick < 0.78:
            return 'GET', '/api/v1/incidents/' + absent_reference('UP'), None, bearer, None
        if pick < 0.82:
            broken = {'kind': person.word, 'narrative': 7, '$sealed': person.word}
            return 'POST', '/api/v1/incidents', json.dumps(broken).encode(), {**bearer, 'Idempotency-Key': '"broken-%d"' % n}, None
        if pick < 0.86:
            return 'GET', '/api/v1/audit/events?limit=5', None, bearer, None
        if pick < 0.90 and self.references:
            text = json.dumps({'text': 'An addition, %s' % person.word}).encode()
            path = '/api/v1/incidents/%s/additions' % self.random.choice(self.references)
            return 'POST', path, text, {**bearer, 'Idempotency-Key': '"more-%d"' % n}, None
        if pick < 0.93:
            return 'GET', '/api/v1/incidents', None, {'Authorization': 'Bearer ' + 'A' * 54}, None
        if pick < 0.96:
            return 'GET', '/api/v1/scrutiny/response-times', None, bearer, None
        return 'POST', '/api/v1/incidents/preview', json.dumps(self.body(person, n)).encode(), bearer, None

    # --- Asking ---

    async def exchange(self, connection, method, path, body, headers, hang_up):
        reader, writer = connection
        lines = ['%s %s HTTP/1.1' % (method, path), 'Host: localhost'] + ['%s: %s' % pair for pair in headers.items()]
        if body is not None:
            lines += ['Content-Type: application/json', 'Content-Length: %d' % len(body)]
        writer.write('\r\n'.join(lines + ['', '']).encode() + (body or b''))
        if hang_up:
            await asyncio.sleep(self.random.random() * 0.01)
            writer.transport.abort()
            return None
        head = await reader.readuntil(b'\r\n\r\n')
        size = re.search(rb'(?i)\r\ncontent-length: (\d+)', head)
        content = await reader.readexactly(int(size.group(1))) if size else b''
        return int(head[9:12]), head, content

    def note(self, person, status, content, key, method):
        self.statuses[status] = self.statuses.get(status, 0) + 1
        for found in WORD.finditer(content):
            if found.group(0) not in self.may_see[person]:
                self.leaks.append((person.account.email, found.group(0)))
        if status not in (200, 201, 303, 401, 403, 404, 409, 422, 429, 503):
            self.odd.append((status, content[:300]))
        if key:
            if status == 201:
                reference = json.loads(content)['reference']
                person.filed[key] = reference
                self.references.append(reference)
            elif status == 503:
                person.unknown[key] = True

    async def client(self, number):
        connection = None
        while self.left > 0:
            self.left -= 1
            n = self.left
            person = self.people[self.random.randrange(len(self.people))]
            method, path, body, headers, key = self.request(person, n)
            hang_up = self.random.random() < 0.01
            try:
                if connection is None:
                    connection = await asyncio.open_connection('127.0.0.1', PORT, limit=1 << 20)
                answer = await asyncio.wait_for(self.exchange(connection, method, path, body, headers, hang_up), 60)
            except (ConnectionError, asyncio.IncompleteReadError):
                answer = None
                self.lost += not hang_up
            self.done += 1
            if answer is None:
                self.hung_up += hang_up
                if key:
                    person.unknown[key] = True
                if connection:
                    connection[1].transport.abort()
                connection = None
                continue
            status, head, content = answer
            self.note(person, status, content, key, method)
            if b'onnection: close' in head:
                connection[1].close()
                connection = None
        if connection:
            connection[1].close()

    async def kill(self):
        """Kills a database connection of the server now and then."""
        while self.left > REQUESTS // 20:
            await asyncio.sleep(0.7)
            killer = await asyncio.create_subprocess_exec(
                'psql', '-XqAt', '-c', """select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity
                where usename = 'upstander_serve' order by random() limit 1) x""", stdout=asyncio.subprocess.PIPE)
            out, _ = await killer.communicate()
            self.killed += int(out.strip() or 0)

    async def rage(self):
        began = time.monotonic()
        await asyncio.gather(self.kill(), *(self.client(n) for n in range(CONNECTIONS)))
        self.seconds = time.monotonic() - began


STORM = Storm()


@case('%d requests of eighteen people were made, with refusals, failures, clients that hang up and killed connections' % REQUESTS)
def _():
    asyncio.run(STORM.rage())
    print('        %.0f requests a second; statuses %s; %d hung up, %d connections killed, %d replies lost'
          % (REQUESTS / STORM.seconds, dict(sorted(STORM.statuses.items())), STORM.hung_up, STORM.killed, STORM.lost))
    expect(STORM.done, REQUESTS)
    expect(STORM.hung_up > REQUESTS // 300, True, 'clients that hung up')
    expect(STORM.killed > 0, True, 'killed connections')
    for status in (200, 201, 401, 403, 404, 422):
        expect(STORM.statuses.get(status, 0) > REQUESTS // 300, True, 'replies %d' % status)
    expect(STORM.odd[:3], [], 'replies that are none of these')


@case('no reply held a word of somebody whose reports the asker may not see')
def _():
    expect(STORM.leaks[:5], [], '%d leaks' % len(STORM.leaks))


@case('every acknowledged report is there exactly once, as its reporter\'s, with its event')
def _():
    stored = {row[0]: row[1:] for row in rows("""
        select i.reference, i.reporter_id, (select count(*) from audit_event e where e.case_id = i.id and e.action = 'CREATE' and e.case_n = 1),
               (select count(*) from idempotency d where d.object_id = i.id) from incident i""")}
    acknowledged = 0
    for person in STORM.people:
        for key, reference in person.filed.items():
            acknowledged += 1
            expect(stored.get(reference), [person.account.id, '1', '1'], '%s of %s' % (reference, person.account.email))
    expect(acknowledged > REQUESTS // 40, True, 'acknowledged')
    expect(sql('select count(*) from (select reference from incident group by reference having count(*) > 1) x'), '0')


@case('what was not acknowledged is there once or not at all, and never under somebody else')
def _():
    made = {row[0]: row[1:] for row in rows("select d.key, d.account_id, i.reporter_id from idempotency d join incident i on i.id = d.object_id"
                                            " where d.key like 'storm-%'")}
    owner = {key: person.account.id for person in STORM.people for key in (*person.filed, *person.unknown)}
    for key, (account, reporter) in made.items():
        expect((account, reporter), (owner[key], owner[key]), key)
    total = int(sql("select count(*) from incident i where exists (select from idempotency d where d.object_id = i.id and d.key like 'storm-%')"))
    expect(len(made), total, 'a report for each key')


@case('no case\'s chain has a gap and no event is without its actor\'s own session')
def _():
    expect(sql("""select count(*) from (select case_id from audit_event where case_n is not null group by case_id
                   having max(case_n) <> count(*) or min(case_n) <> 1) x"""), '0', 'chains')
    expect(sql("""select count(*) from audit_event e join incident i on i.id = e.case_id
                   where e.action = 'CREATE' and e.case_n = 1 and e.actor <> i.reporter_id"""), '0', 'actors')
    expect(sql("""select count(*) from (select request_id from audit_event where actor is not null group by request_id
                   having count(distinct actor) > 1) x"""), '0', 'requests with two actors')
    expect(sql("""select count(*) from addition a join audit_event e on e.id = a.audit_id where e.actor <> a.author_id"""), '0', 'additions')


@case('the streams of events are whole: each names the one before it')
def _():
    expect(sql("""select count(*) from (select stream from audit_event group by stream having max(stream_n) <> count(*)) x"""), '0')


run()
