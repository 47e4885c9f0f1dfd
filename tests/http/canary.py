#!/usr/bin/env python3
"""Plants words that stand nowhere else wherever somebody can write something confidential, and then looks for them in everything
that an operator, a thief of a copy or a log collector could read. The people who may read them must find every one.

PostgreSQL is told to log every statement, and serve at its most talkative (UPSTANDER_LOG_LEVEL=debug in tests/suites).
"""
import base64
import hashlib
import hmac
import json
import os
import re
import struct
import subprocess
import time
import urllib.parse
import uuid

from client import Api, case, expect, expect_in, run
from matrix import actors, file_report, report, sql, step, take

FOLDER = os.environ['TEST_FOLDER']
PLANTED = {}  # word: where it was written
ACTORS = actors()
REPORTER, LEAD, LADO, MASH = (ACTORS[name] for name in ('practitioner', 'lead', 'lado', 'mash.manager'))


def plant(where):
    """A word like no other, remembered with where it goes."""
    letters = ''.join(chr(ord('a') + byte % 26) for byte in hashlib.sha256(where.encode() + os.urandom(8)).digest()[:14])
    word = 'qz' + letters
    PLANTED[word] = where
    return word


def secret(text, where):
    PLANTED[text] = where
    return text


def words_of(*where):
    return [word for word, place in PLANTED.items() if place in where]


def full_person(kind, **more):
    person = {'role': kind, 'name': plant(kind + ' name').title(), 'date_of_birth': '2014-03-02', 'email': plant(kind + ' email') + '@canary.example',
              'ethnicity': {'code': 'B_AFR', 'self_described': plant(kind + ' ethnicity'), 'source': 'SELF'},
              'culture': plant(kind + ' culture'), 'first_language': plant(kind + ' language'),
              'interpreter': {'offered': sql("select code from code where list = 'interpreter_offered' order by sort limit 1"),
                              'language': plant(kind + ' interpreter')},
              'workplace': plant(kind + ' workplace'), 'home_authority': 'X12',
              'impact': {part: plant('%s %s' % (kind, part)) for part in ('stereotyping', 'profiling', 'bias', 'racism', 'discrimination')}}
    return {**person, **more}


def full_report():
    parts = ('narrative', 'wishes', 'must_not_know', 'safe_contact', 'actions_taken')
    return report(people=[full_person('TARGET_CHILD'), full_person('ALLEGED_PERPETRATOR_STAFF', works_with_children='YES', workplace_authority='X12')],
                  verbatim=[{'speaker': plant('speaker'), 'words': plant('verbatim')}], **{part: plant(part) for part in parts})


world = {}


@case('a report full of words was sent, added to and taken through both pathways by those who may')
def _():
    sql("alter system set log_statement = 'all'; ")
    sql('alter system set log_min_duration_statement = 0')
    sql('alter system set log_duration = on')
    sql('select pg_reload_conf()')
    time.sleep(0.3)
    world['report'], referrals = file_report(REPORTER, full_report())
    world['referrals'] = referrals
    reply = REPORTER.api.post('/incidents/%s/additions' % world['report'], {'text': plant('addition')})
    expect(reply.status, 201, 'adding', reply)
    reply = LEAD.pages.post('/incidents/%s/additions' % world['report'], [('text', plant('addition by form')), ('_key', str(uuid.uuid4()))])
    expect(reply.status, 303, 'adding by form', reply)
    take(LEAD, referrals['LADO'], 'confirm', data={'note': plant('note')})
    take(LEAD, referrals['MASH'], 'confirm', data={'note': plant('note')})
    take(LADO, referrals['LADO'], 'threshold_met', data={'criteria': ['HARMED'], 'rationale': plant('threshold rationale')})
    take(LADO, referrals['LADO'], 'record_outcome', data={
        'outcome': 'FALSE', 'deception_evidence': plant('deception'), 'second_sign_off': plant('second officer'),
        'racism_finding': 'NOT_CONSIDERED',
        'not_considered_reason': plant('not considered'), 'rationale': plant('outcome rationale')})
    take(LADO, referrals['LADO'], 'close', data={'ethnicity_culture_considered': plant('closing')})
    take(MASH, referrals['MASH'], 'decide', data={'decision': 'NFA', 'need_level': 'UNIVERSAL', 'rationale': plant('mash rationale'),
                                                  'feedback': plant('feedback')})


@case('a proposal was declined with a reason in words')
def _():
    _, referrals = file_report(REPORTER, report(narrative=plant('second narrative')))
    take(LEAD, referrals['MASH'], 'decline', data={'decline_reason': 'OTHER', 'reason': plant('decline reason')})
    world['declined'] = referrals['MASH']


@case('a conflict of interest was declared with a reason in words, in the API and by form')
def _():
    world['conflict'], _ = file_report(REPORTER, report(narrative=plant('third narrative')))
    reply = LEAD.api.post('/incidents/%s/conflict' % world['conflict'], {'reason': plant('conflict reason')})
    expect(reply.status, 200, 'declaring', reply)
    reference, referrals = file_report(REPORTER, report(narrative=plant('fourth narrative')))
    take(LEAD, referrals['LADO'], 'confirm')
    reply = LADO.pages.post('/incidents/%s/conflict' % reference, [('reason', plant('conflict reason by form'))])
    expect(reply.status, 303, 'declaring by form', reply)


@case('matches by name alone were cleared with a reason in words, in the API and by form')
def _():
    dpo, screener = ACTORS['dpo'], ACTORS['mash']
    for where in ('clearing reason', 'clearing reason by form'):
        reference, _ = file_report(REPORTER, report({'role': 'WITNESS', 'name': screener.account.name}))
        path = '/exclusions/%s/%s/clear' % (reference, screener.account.id)
        if where.endswith('form'):
            expect(dpo.pages.post(path, [('reason', plant(where))]).status, 303, 'clearing by form')
        else:
            expect(dpo.api.post(path, {'reason': plant(where)}).status, 204, 'clearing')
    expect(sql("select count(*) from case_exclusion where cleared_at is not null and reason_sealed like 's1.%'"), '2', 'the reasons are kept, sealed')


@case('a report was begun by form and left')
def _():
    pages = REPORTER.pages
    reply = pages.post('/report', [('_key', str(uuid.uuid4()))])
    draft = re.search('/report/([0-9a-f-]{36})', reply.header('Location')).group(1)
    page = pages.get('/report/%s/what-happened' % draft)
    form = page.form('/report/%s/what-happened' % draft) if any(
        form.action == '/report/%s/what-happened' % draft for form in page.forms) else page.form()
    name = next(name for name in form.names if name.endswith('narrative'))
    form.set(name, plant('draft narrative'))
    reply = pages.post('/report/%s/what-happened' % draft, form.values, csrf=False)
    expect(reply.status, 303, 'keeping the answer', reply)
    again = pages.get('/report/%s/what-happened' % draft)
    expect_in(words_of('draft narrative')[0], again.text, 'the writer finds it again')


@case('words went where they do not belong: into refused bodies, unknown names, addresses and broken texts')
def _():
    refused = report(narrative=plant('refused narrative'), harm='NO_SUCH_CODE')
    expect(REPORTER.api.post('/incidents', refused).status, 422)
    expect(REPORTER.api.post('/incidents', {plant('member name'): plant('member value')}).status, 422)
    expect(ACTORS['leader'].api.post('/incidents', report(narrative=plant('forbidden narrative'))).status, 403)
    expect(Api().post('/incidents', report(narrative=plant('stranger narrative'))).status, 401)
    expect(REPORTER.api.call('POST', '/incidents', b'{"narrative": "' + plant('broken text').encode()).status, 400)
    expect(REPORTER.api.get('/incidents?ref=' + plant('query')).status, 400)
    expect(REPORTER.api.get('/nothing/' + plant('path')).status, 404)
    expect(REPORTER.api.post('/incidents/preview', report(narrative=plant('preview narrative'))).status, 200)
    reply = REPORTER.api.post('/incidents', report(narrative=plant('late narrative'), aware_at='2001-01-01T00:00:00Z'))
    expect(reply.status, 422, 'a day outside the calendar', reply)
    long = report(narrative=plant('constraint narrative'), occurred_on='2099-01-01')
    expect(REPORTER.api.post('/incidents', long).status, 422, 'a constraint of the database')
    reply = step(LEAD, world['declined'], 'confirm', data={'note': plant('illegal step')})
    expect(reply.status, 409, 'an illegal step', reply)
    etag = LEAD.api.get('/referrals/' + world['declined']).header('ETag')
    reply = LEAD.api.post('/referrals/%s/transitions' % world['declined'], {'transition': plant('unknown step')}, headers={'If-Match': etag})
    expect(reply.status, 409, 'a step that no pathway has', reply)
    expect(LEAD.pages.get('/referrals/%s/transitions?transition=%s' % (world['declined'], plant('unknown step of a page'))).status, 409)
    for header in ('Authorization', 'X-Forwarded-For', 'User-Agent', 'Referer', 'Cookie'):
        Api().call('GET', '/session', headers={header: plant('header ' + header)})


def totp(key, at):
    digest = hmac.digest(base64.b32decode(key), struct.pack('>Q', at), 'sha1')
    offset = digest[-1] & 15
    return '%06d' % ((struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff) % 10 ** 6)


def find_secret(value):
    """The TOTP key in an answer: a base32 text."""
    found = re.search(r'secret=([A-Z2-7]{16,})', urllib.parse.unquote(json.dumps(value))) or re.search(r'"([A-Z2-7]{26,64})"', json.dumps(value))
    return found.group(1)


@case('passwords, codes and tokens were made, used and mistyped')
def _():
    email = 'canary-%s@example.test' % uuid.uuid4().hex[:8]
    reply = ACTORS['admin'].api.post('/accounts', {'email': email, 'name': 'Canary Bird', 'role': 'REPORTER', 'organisation': 'example-school'})
    expect(reply.status, 201, 'inviting', reply)
    path = reply.json['invitation']['path']
    secret(path.rsplit('/', 1)[1], 'invitation token')
    password = plant('password') + ' seventeen lanterns'
    expect(Api().post(path, {'name': 'Canary Bird', 'password': password}).status, 204)
    api = Api()
    secret(api.sign_in(email, password).json['token'], 'bearer token')
    api.post('/password', {'current': plant('wrong current'), 'password': plant('refused password')})
    other = plant('second password') + ' harbour meadow'
    expect(api.post('/password', {'current': password, 'password': other}).status in (200, 204), True, 'changing the password')
    api = Api()
    secret(api.sign_in(email, other).json['token'], 'second bearer token')
    setup = api.get('/second-factor').json
    key = secret(find_secret(setup), 'TOTP key')
    code = totp(key, int(time.time()) // 30)
    done = api.post('/second-factor', {'setup': setup['setup'], 'code': code})
    expect(done.status in (200, 201, 204), True, 'taking the second factor into use', done)
    for text in re.findall(r'"([A-Za-z0-9]{4,}-[A-Za-z0-9-]{4,})"', done.text):
        secret(text, 'recovery code')
    for wrong in ({'email': email, 'password': plant('mistyped password')}, {'email': plant('unknown email') + '@canary.example', 'password': 'x'}):
        expect(Api().post('/session', wrong).status, 401)
    pages = REPORTER.pages
    secret(pages.token, 'cookie')
    secret(REPORTER.api.token, 'a bearer token of the suite')


@case('those who may read them read every word, in the API and on pages')
def _():
    sealed = [word for word, place in PLANTED.items() if place in ('narrative', 'wishes', 'speaker', 'verbatim', 'actions_taken')
              or place.startswith(('TARGET_CHILD', 'ALLEGED'))]
    expect(len(sealed) > 25, True, 'words of the report')
    for actor in (REPORTER, LEAD, LADO, MASH):
        text = actor.api.get('/incidents/' + world['report']).text.lower()
        for word in sealed:
            expect(word in text, True, '%s reads %s' % (actor.name, PLANTED[word]))
    page = LEAD.pages.get('/incidents/' + world['report']).text.lower()
    for where in ('narrative', 'verbatim', 'TARGET_CHILD name', 'wishes'):
        for word in words_of(where):
            expect_in(word, page, where)
    told = REPORTER.api.get('/incidents/%s/chronology' % world['report']).text
    expect_in(words_of('addition')[0], told)
    told = LEAD.api.get('/incidents/%s/chronology' % world['report']).text
    for where in ('addition', 'addition by form'):
        expect_in(words_of(where)[0], told)
    decided = LADO.api.get('/referrals/' + world['referrals']['LADO']).text
    for where in ('threshold rationale', 'deception', 'not considered', 'outcome rationale', 'closing'):
        expect_in(words_of(where)[0], decided, where)
    decided = MASH.api.get('/referrals/' + world['referrals']['MASH']).text
    for where in ('mash rationale', 'feedback'):
        expect_in(words_of(where)[0], decided, where)
    expect_in(words_of('decline reason')[0], MASH.api.get('/referrals/' + world['declined']).text)
    expect_in(words_of('conflict reason')[0], ACTORS['lead.deputy'].api.get('/incidents/%s/chronology' % world['conflict']).text)


# --- Looking for them --------------------------------------------------------------------------------------------------

def shapes(word):
    """The word as it could stand in a dump, a log or a page of disk: as it is, in hex, in base64 at each alignment."""
    data = word.encode()
    found = {data.lower(), data.hex().encode()}
    for before in range(3):
        text = base64.b64encode(b'\0' * before + data + b'\0' * (-(before + len(data)) % 3))
        start = -(-before * 8 // 6) + (before > 0)
        found.add(text[start:len(text) - 4].lower())
    return found


def look(name, data):
    """Which of the words stand in the bytes."""
    data = data.lower()
    found = {PLANTED[word] for word in PLANTED for shape in shapes(word) if len(shape) > 9 and shape in data}
    expect(sorted(found), [], 'found in ' + name)


def file_of(path):
    with open(path, 'rb') as file:
        return file.read()


@case('the looking would find a word: in clear, in upper case, in hex and in base64')
def _():
    word = next(iter(PLANTED))
    for data in (word.upper().encode(), b'x\\x' + word.encode().hex().encode(), base64.b64encode(b'ab' + word.encode() + b'cdefgh'),
                 base64.b64encode(b'a' + word.encode() + b'bcdefgh'), base64.b64encode(word.encode() + b'abcdefgh')):
        try:
            look('a test', b'...' + data + b'...')
        except AssertionError:
            continue
        raise AssertionError('%r was not found' % data)


@case('no word stands in a dump of the database')
def _():
    dump = subprocess.run(['pg_dump', '--inserts', 'upstander'], capture_output=True, check=True).stdout
    expect(len(dump) > 100000, True, 'the dump')
    expect_in(b'INSERT INTO upstander.incident', dump)
    look('the dump', dump)


@case('no word stands in PostgreSQL\'s log, though every statement is logged')
def _():
    log = file_of(os.path.join(FOLDER, 'postgres.log'))
    expect_in(b'incident_file(', log, 'statements are logged')
    look('postgres.log', log)


@case('no word stands in the log of serve, which is JSON throughout and names every request')
def _():
    log = file_of(os.path.join(FOLDER, 'serve.log'))
    lines = [json.loads(line) for line in log.splitlines()]
    expect(sum(line['event'] == 'request' for line in lines) > 30, True, 'requests')
    look('serve.log', log)


@case('no word stands in the metrics, the outbox or the trail')
def _():
    look('metrics', Api().request('GET', '/metrics').body)
    look('the outbox', sql('select * from outbox').encode())
    look('the trail', sql("select convert_from(entry, 'UTF8'), object from audit_event").encode())
    look('the details of the trail', sql('select detail from audit_detail').encode())


@case('no word stands in any file of the data folder: tables, indexes, write-ahead log, statistics')
def _():
    sql('checkpoint')
    searched = 0
    for folder, _, names in os.walk(FOLDER):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path) and os.path.basename(path) != 'upstander':
                look(os.path.relpath(path, FOLDER), file_of(path))
                searched += 1
    expect(searched > 500, True, '%d files' % searched)


@case('serve leaves no core file, whatever the system allows')
def _():
    pids = [pid for pid in filter(str.isdigit, os.listdir('/proc')) if is_serve(pid)]
    expect(len(pids), 1, 'serve')
    with open('/proc/%s/limits' % pids[0], encoding='ascii') as file:
        limit = next(line for line in file if line.startswith('Max core file size')).split()
    expect(limit[4:6], ['0', '0'])


def is_serve(pid):
    try:
        return os.path.realpath('/proc/%s/exe' % pid) == os.path.join(FOLDER, 'bin', 'upstander')
    except OSError:
        return False


run()
