"""What nobody does alone to an account: taking it over, filling its letter box, leaving a case by another name."""
import os
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from client import Api, Pages, PASSWORD, case, expect, expect_faults, expect_in, expect_problem, run
from people import NEW, OTHER, confirm, forget_failures, invite, sql, totp, try_wrong


def sees_most(admin, dpo):
    """A fresh account that is a LADO: (email, id)."""
    email, account, _ = invite(admin=admin)
    grant = admin.post('/accounts/%s/grants' % account, {'role': 'LADO', 'organisation': 'harbourside-lado'}).json['id']
    expect(confirm(dpo, grant, Api(email, NEW)).json['in_force'], True)
    return email, account


def change_email(admin, account, email):
    path = '/accounts/' + account
    return admin.patch(path, {'email': email}, headers={'If-Match': admin.get(path).header('ETag')})


def set_up_second_factor(api):
    offer = api.get('/second-factor').json
    code = totp(offer['secret'], int(time.time()) // 30)
    expect(api.post('/second-factor', {'setup': offer['setup'], 'code': code}).status, 201)


def told(account):
    """Whom the outbox tells of a change: the addresses that it names, and '' for the account's own of the day."""
    return sql("select coalesce(email, '') from outbox where kind = 'ACCOUNT_CHANGED' and account_id = '%s' order by id" % account)


@case('the address of somebody who sees most changes once a second person has confirmed it, and both addresses are told')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    email, account = sees_most(admin, dpo)
    theirs = Api(email, NEW)
    expect(Api().post('/password-resets', {'email': email}).status, 202)
    moved = 'moved-' + email
    reply = change_email(admin, account, moved)
    expect((reply.status, reply.json['email'], reply.json['changes'][0]['value']), (200, email, moved))
    change = reply.json['changes'][0]['id']
    expect(told(account), [''], 'the person hears of it at once')
    expect_faults(change_email(admin, account, 'third-' + email), ('/email', 'waits'))
    expect_faults(admin.post('/account-changes/%s/confirm' % change), ('', 'same_person'))
    expect_problem(theirs.post('/account-changes/%s/confirm' % change), 403, 'forbidden')
    expect(theirs.get('/session').status, 200, 'nothing has changed yet')
    waiting = [item for item in dpo.get('/grants').json['changes'] if item['id'] == change][0]
    expect((waiting['email'], waiting['value'], waiting['can']['confirm']), (email, moved, True))
    pages = Pages('dpo@example.test')
    page = pages.get('/grants')
    expect_in(moved, page.text_only)
    page = pages.submit(page, page.form('/account-changes/%s/confirm' % change))
    expect_in('No change of an account waits', page.text_only)
    expect_problem(dpo.post('/account-changes/%s/confirm' % change), 409, 'conflict')
    expect(sql("select email from account where id = '%s'" % account), [moved])
    expect(told(account), ['', email, ''])
    expect_problem(theirs.get('/session'), 401, 'unauthenticated')
    expect(sql("select count(*) from account_token where account_id = '%s' and used_at is null" % account), ['0'])
    Api(moved, NEW)


@case('the second factor of somebody who sees most is reset once a second person has confirmed it')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    email, account = sees_most(admin, dpo)
    theirs = Api(email, NEW)
    set_up_second_factor(theirs)
    enrolled = "select count(*) from second_factor where account_id = '%s'" % account
    change = admin.post('/accounts/%s/second-factor-reset' % account).json['changes'][0]
    expect((change['kind'], sql(enrolled)), ('SECOND_FACTOR', ['1']))
    expect_problem(Api().post('/session', {'email': email, 'password': NEW}), 403, 'second_factor')
    expect(dpo.post('/account-changes/%s/end' % change['id']).json['waits'], False)
    expect_problem(dpo.post('/account-changes/%s/confirm' % change['id']), 409, 'conflict')
    expect(sql(enrolled), ['1'], 'turned down')
    change = admin.post('/accounts/%s/second-factor-reset' % account).json['changes'][0]
    expect_faults(admin.post('/account-changes/%s/confirm' % change['id']), ('', 'same_person'))
    expect(dpo.post('/account-changes/%s/confirm' % change['id']).status, 200)
    expect(sql(enrolled), ['0'])
    expect_problem(theirs.get('/session'), 401, 'unauthenticated')
    expect(told(account), ['', '', ''])


@case('a role that is only asked for protects the account already, and nobody confirms a change of their own')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    email, account, _ = invite(admin=admin)
    expect(admin.post('/accounts/%s/grants' % account, {'role': 'DPO', 'organisation': 'partnership'}).json['waits'], True)
    expect(change_email(admin, account, 'asked-' + email).json['email'], email)
    mine = dpo.get('/session').json['actor']['id']
    change = change_email(admin, mine, 'dpo.moved@example.test').json['changes'][0]['id']
    expect_faults(dpo.post('/account-changes/%s/confirm' % change), ('', 'not_to_yourself'))
    expect(dpo.post('/account-changes/%s/end' % change).status, 200)
    refused = subprocess.run(['psql', '-X', '-q', '-c', 'set search_path = upstander', '-c',
                              "begin; select set_config('upstander.audit_id', '1', true); update account_change set confirmed_at = now(), "
                              "ended_at = null, ended_by = null, confirmed_by = account_id where id = '%s'; commit" % change],
                             capture_output=True, text=True)
    expect_in('violates check constraint', refused.stderr, 'the database itself')


@case('an administrator who takes up the account of somebody they invited does not get its role')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    email = 'lado-%s@example.test' % uuid.uuid4().hex[:12]
    invited = admin.post('/accounts', {'email': email, 'name': 'Real Officer', 'role': 'LADO', 'organisation': 'harbourside-lado'}).json
    grant = invited['grants'][0]['id']
    waiting = [item for item in dpo.get('/grants').json['items'] if item['id'] == grant][0]
    expect((waiting['taken_up'], waiting['can']), (False, {'end': True, 'confirm': False}), 'before anybody has the account')
    kept = sql("select code from grant_code where grant_id = '%s'" % grant)[0]
    expect_faults(dpo.post('/grants/%s/confirm' % grant, {'code': kept}), ('', 'not_taken_up'))
    refused = subprocess.run(['psql', '-X', '-q', '-c', 'set search_path = upstander', '-c',
                              "begin; select set_config('upstander.audit_id', '1', true); update role_grant set confirmed_at = now(), confirmed_by = "
                              "(select id from account where email = 'dpo@example.test') where id = '%s'; commit" % grant], capture_output=True, text=True)
    expect_in('nobody has taken up this account', refused.stderr, 'the database itself')
    for reader in (admin, dpo):
        for path in ('/grants', '/accounts/' + invited['id'], '/sessions'):
            expect(kept in reader.get(path).text, False, 'no administrator reads the code in ' + path)
    # The administrator uses the link that only they have seen.
    expect(Api().post(invited['invitation']['path'], {'name': 'Real Officer', 'password': NEW}).status, 204)
    stolen = Api(email, NEW)
    expect_problem(stolen.get('/referrals'), 403, 'forbidden')
    expect(stolen.get('/session').json['actor']['roles'], None, 'the account has no role')
    expect_faults(admin.post('/grants/%s/confirm' % grant, {'code': kept}), ('', 'same_person'))
    # The real person, whom the second one asks, sees no code; a guess does not do.
    for n in range(5):
        guess = '%06d' % ((int(kept) + 1 + n) % 10 ** 6)
        expect_faults(dpo.post('/grants/%s/confirm' % grant, {'code': guess}), ('/code', 'wrong_code'))
    expect_faults(dpo.post('/grants/%s/confirm' % grant, {'code': kept}), ('/code', 'too_many'))
    pages = Pages('dpo@example.test')
    page = pages.get('/grants')
    expect_in('If they see none, somebody else may have their account', page.text_only)
    pages.submit(page, page.form('/grants/%s/end' % grant))
    expect_problem(dpo.post('/grants/%s/confirm' % grant, {'code': kept}), 409, 'conflict')
    expect_problem(stolen.get('/referrals'), 403, 'forbidden')
    expect_problem(admin.post('/accounts/%s/invitation' % invited['id']), 409, 'conflict')


@case('the second person confirms by page with the code that the account shows to its holder')
def _():
    admin = Api('admin@example.test')
    email, account, _ = invite(admin=admin)
    grant = admin.post('/accounts/%s/grants' % account, {'role': 'QA_AUDITOR', 'organisation': 'partnership'}).json['id']
    told = Pages(email, NEW).get('/account').text_only
    code = sql("select code from grant_code where grant_id = '%s'" % grant)[0]
    expect_in('asks you for this code: ' + code, told)
    pages = Pages('dpo@example.test')
    page = pages.get('/grants')
    form = page.form('/grants/%s/confirm' % grant)
    form.set('code', ' %s %s ' % (code[:3], code[3:]))
    page = pages.submit(page, form)
    expect((page.status, page.path), (200, '/grants'))
    expect_in('QA_AUDITOR', Api(email, NEW).get('/session').text)


@case('another address of anybody signs them out, ends their links and is told to both addresses; so is a reset')
def _():
    admin = Api('admin@example.test')
    email, account, _ = invite(admin=admin)
    theirs = Api(email, NEW)
    expect(Api().post('/password-resets', {'email': email}).status, 202)
    reply = change_email(admin, account, 'new-' + email)
    expect((reply.json['email'], reply.json['changes']), ('new-' + email, []))
    expect(told(account), [email, ''])
    expect_problem(theirs.get('/session'), 401, 'unauthenticated')
    expect(sql("select count(*) from account_token where account_id = '%s' and used_at is null" % account), ['0'])
    theirs = Api('new-' + email, NEW)
    set_up_second_factor(theirs)
    expect(admin.post('/accounts/%s/second-factor-reset' % account).json['second_factor'], False)
    expect_problem(theirs.get('/session'), 401, 'unauthenticated')
    expect(told(account), [email, '', ''])


@case('an address in other letters than ASCII is refused, so that no spelling has a count of tries of its own')
def _():
    admin = Api('admin@example.test')
    for email in ('l\u00c9ad@example.test', 'lead@ex\u00e4mple.test', 'lea\u0064\u0307@example.test'):
        expect_faults(Api().post('/session', {'email': email, 'password': PASSWORD}), ('/email', 'not_an_email'))
        expect_faults(Api().post('/password-resets', {'email': email}), ('/email', 'not_an_email'))
        expect_faults(admin.post('/accounts', {'email': email, 'name': 'Some Body', 'role': 'REPORTER', 'organisation': 'example-school'}),
                      ('/email', 'not_an_email'))
    refused = subprocess.run(['psql', '-X', '-q', '-c', "insert into upstander.account (id, email, name) values (gen_random_uuid(), "
                              "'l\u00e9a@example.test', 'Somebody')"], capture_output=True, text=True)
    expect_in('violates check constraint', refused.stderr, 'the database itself')


@case('sixty resets in five minutes are all that one address may ask for, and what is refused leaves no event')
def _():
    forget_failures()
    email = 'nobody-%s@example.test' % uuid.uuid4().hex[:8]
    expect(Api().post('/password-resets', {'email': email}).status, 202)
    bucket = sql("select bucket from sign_in_failure where bucket like 'reset:%'")[0]
    sql("insert into sign_in_failure (bucket) select '%s' from generate_series(1, 58)" % bucket)
    expect(Api().post('/password-resets', {'email': 'other-' + email}).status, 202, 'the sixtieth')
    before = sql('select max(id) from audit_event')
    reply = Api().post('/password-resets', {'email': 'third-' + email})
    expect_problem(reply, 429, 'throttled')
    expect(1 <= int(reply.header('Retry-After')) <= 300, True, 'Retry-After', reply)
    expect(sql('select max(id) from audit_event'), before)
    expect(try_wrong(Api(), email).status, 401, 'signing in has a count of its own')
    forget_failures()


@case('an account gets three letters an hour, each good beside the others until one is used')
def _():
    email, account, _ = invite()
    letters = "select count(*) from outbox where kind = 'PASSWORD_RESET' and account_id = '%s'" % account
    links = "select count(*) from account_token where purpose = 'RESET' and used_at is null and account_id = '%s'" % account
    replies = [Api().post('/password-resets', {'email': email}) for _ in range(5)]
    expect({(reply.status, reply.body) for reply in replies}, {(202, replies[0].body)})
    expect((sql(letters), sql(links)), (['3'], ['3']))
    expect(Api(email, NEW).post('/password', {'current': NEW, 'password': OTHER}).status, 204)
    expect(sql(links), ['0'])
    sql("update account_token set created_at = now() - interval '61 minutes' where account_id = '%s'" % account)
    expect(Api().post('/password-resets', {'email': email}).status, 202)
    expect(sql(letters), ['4'], 'an hour later')
    forget_failures()


@case('whoever takes up an invitation under another name stays out of the cases that name them as they were invited')
def _():
    admin = Api('admin@example.test')
    name = 'Tamsin ' + ''.join(chr(97 + int(c, 16)) for c in uuid.uuid4().hex[:10]).capitalize()
    reply = Api('practitioner@example.test').post('/incidents', {
        'kind': 'INCIDENT', 'organisation': 'example-school', 'occurred_precision': 'UNKNOWN', 'harm': 'HAPPENED',
        'suspected_offence': 'NO', 'immediate_danger': False, 'narrative': 'What happened.',
        'people': [{'role': 'ALLEGED_PERPETRATOR_STAFF', 'name': name, 'date_of_birth': '1980-03-04', 'works_with_children': 'YES',
                    'workplace_authority': 'X12'}]})
    expect(reply.status, 201, 'filing', reply)
    email = 'other-%s@example.test' % uuid.uuid4().hex[:12]
    invited = admin.post('/accounts', {'email': email, 'name': name, 'role': 'AGENCY_LEAD', 'organisation': 'example-school'}).json
    taken = Api().post(invited['invitation']['path'], {'name': 'Another Name', 'birth_date': '1980-03-04', 'password': NEW})
    expect(taken.status, 204, 'taking up', taken)
    api = Api(email, NEW)
    expect_problem(api.get('/incidents/' + reply.json['reference']), 404, 'not_found')
    grounds = "select string_agg(ground, ' ' order by ground) from case_exclusion where account_id = '%s'" % invited['id']
    expect(sql(grounds), ['IDENTITY NAME'], 'by the name they were invited under, with their birth date')
    kept = "select value from account_index where account_id = '%s' and kind = '%s'"
    before = {kind: set(sql(kept % (invited['id'], kind))) for kind in ('NAME', 'NAME_BIRTH', 'EMAIL')}
    expect(api.patch('/account', {'birth_date': '1970-01-01'}).status, 204)
    expect(change_email(admin, invited['id'], 'again-' + email).status, 200)
    for kind, values in before.items():
        after = set(sql(kept % (invited['id'], kind)))
        expect(values <= after, True, kind)
        expect(len(after), len(values) + (kind != 'NAME'), kind)


@case('the list of sessions says which browser and system each is')
def _():
    account = 'police@example.test'
    named = (('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Windows'),
             ('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0', 'Edge on Windows'),
             ('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1',
              'Safari on iPhone'),
             ('Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36', 'Chrome on Android'),
             ('curl/7.88.1', 'curl'), ('<script>', 'A program'), ('Firefox/\u00fc'.encode().decode('latin-1'), 'A program'),
             ('x' * 200 + 'Firefox/1', 'A program'), (None, 'A program'))
    reader = Api(account)
    for agent, words in named:
        reply = Api().post('/session', {'email': account, 'password': PASSWORD}, headers={'User-Agent': agent})
        expect(reply.status, 201, agent, reply)
        newest = max((item for item in reader.get('/sessions').json['items']), key=lambda item: item['created_at'])
        expect(newest['device'], words, agent)
    expect_in('Firefox on Windows', Pages(account).get('/account').text_only)
    expect(reader.post('/sessions/end-others').status, 204)


@case('the command line makes two administrators and no third')
def _():
    def make():
        return subprocess.run([*os.environ['TEST_COMMAND'].split(), 'admin', 'account', 'create',
                               'op-%s@example.test' % uuid.uuid4().hex[:8], 'Op Erator', 'SYSADMIN'], capture_output=True, text=True)
    count = "select count(distinct account_id) from role_grant where role = 'SYSADMIN' and confirmed_at is not null and ended_at is null"
    while int(sql(count)[0]) < 2:
        done = make()
        expect(done.returncode, 0, done.stderr)
    before = sql('select count(*) from account')
    done = make()
    expect(done.returncode != 0, True)
    expect_in('two administrators already', done.stderr)
    expect(sql('select count(*) from account'), before)


@case('a role given while the account ends does not outlive it')
def _():
    admin = Api('admin@example.test')
    _, account, _ = invite(admin=admin)
    ending = subprocess.Popen(['psql', '-X', '-q', '-c', 'set search_path = upstander', '-c',
                               "begin; update account set ended_at = now(), password = null where id = '%s'; select pg_sleep(1.5); commit"
                               % account], stdout=subprocess.DEVNULL)
    for _ in range(100):
        if sql("select count(*) from pg_stat_activity where query like '%%pg_sleep(1.5)%%' and wait_event = 'PgSleep'") != ['0']:
            break
        time.sleep(0.02)
    reply = admin.post('/accounts/%s/grants' % account, {'role': 'MASH_SCREENER', 'organisation': 'harbourside-mash'})
    expect(ending.wait(), 0)
    expect_problem(reply, 409, 'conflict')
    expect(sql("select count(*) from role_grant where account_id = '%s' and role = 'MASH_SCREENER'" % account), ['0'])


run()
