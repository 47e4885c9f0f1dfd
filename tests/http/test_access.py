"""Signing in, sessions, passwords, the second factor, and roles that two people give."""
import os
import statistics
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from client import Api, Pages, PASSWORD, case, expect, expect_faults, expect_in, expect_not_in, expect_problem, run
from people import NEW, OTHER, confirm, forget_failures, invite, sql, totp, try_wrong


@case('signing in answers with a token, and with who is asking and their roles')
def _():
    reply = Api().post('/session', {'email': 'Lead@Example.test', 'password': PASSWORD})
    expect(reply.status, 201, 'status', reply)
    expect_in('expires_at', reply.json)
    role = reply.json['actor']['roles'][0]
    expect((role['role'], role['organisation'], role['area']), ('AGENCY_LEAD', 'example-school', 'X12'))
    api = Api()
    api.token = reply.json['token']
    may = api.get('/session').json['may']
    expect(('REFERRAL_TAKE' in may, 'ACCOUNT_MANAGE' in may), (True, False))


@case('a wrong password and an unknown address get the same answer')
def _():
    replies = [try_wrong(Api(), 'lead@example.test'), try_wrong(Api(), 'nobody-%s@example.test' % uuid.uuid4().hex[:8])]
    problems = [expect_problem(reply, 401, 'sign_in_refused') for reply in replies]
    for problem in problems:
        problem.pop('request_id')
    expect(problems[0], problems[1])
    forget_failures()


@case('an unknown address takes as long as a wrong password')
def _():
    def seconds(email):
        start = time.monotonic()
        try_wrong(Api(), email)
        return time.monotonic() - start
    known = statistics.median(seconds('lead@example.test') for _ in range(7))
    forget_failures()
    unknown = statistics.median(seconds('nobody@example.test') for _ in range(7))
    forget_failures()
    expect(0.4 < unknown / known < 2.5, True, 'the ratio of the medians is %.2f' % (unknown / known))


@case('a failed sign-in leaves an event, and so does a good one')
def _():
    before = int(sql('select max(id) from audit_event')[0])
    try_wrong(Api(), 'practitioner@example.test')
    Api('practitioner@example.test')
    found = sql("select action || ' ' || split_part(object, ' ', 1) from audit_event where id > %d order by id" % before)
    expect(found, ['DENY session', 'LOGIN session'])
    forget_failures()


@case('a forged, cut or foreign token is no session')
def _():
    api = Api('practitioner@example.test')
    good = api.token
    swapped = good[:-1] + ('A' if good[-1] != 'A' else 'B')
    for token in (swapped, good[:-1], good[::-1], 'x', good + 'A'):
        api.token = token
        expect_problem(api.get('/session'), 401, 'unauthenticated')
    pages = Pages('practitioner@example.test')
    api.token = pages.cookies['__Host-session']
    expect_problem(api.get('/session'), 401, 'unauthenticated')


@case('the eleventh failure for an account is not even compared, and says when to come again')
def _():
    email = 'throttled-%s@example.test' % uuid.uuid4().hex[:8]
    for _ in range(10):
        expect(try_wrong(Api(), email).status, 401)
    start = time.monotonic()
    reply = try_wrong(Api(), email)
    expect_problem(reply, 429, 'throttled')
    expect(1 <= int(reply.header('Retry-After')) <= 300, True, 'Retry-After', reply)
    expect(time.monotonic() - start < 0.08, True, 'no password is compared')
    expect(try_wrong(Api(), 'other-' + email).status, 401, 'another account is not kept out')
    forget_failures()


@case('a browser in which somebody has signed in is not kept out by guesses made elsewhere')
def _():
    pages = Pages('practitioner.ips@example.test')
    for _ in range(10):
        try_wrong(Api(), 'practitioner.ips@example.test')
    expect(Api().post('/session', {'email': 'practitioner.ips@example.test', 'password': PASSWORD}).status, 429)
    del pages.cookies['__Host-session']
    pages.sign_in('practitioner.ips@example.test')
    stranger = Pages()
    page = stranger.get('/sign-in')
    page = stranger.submit(page, page.form().set('email', 'practitioner.ips@example.test').set('password', PASSWORD))
    expect(page.status, 429, 'a browser that is new to the account', page)
    forget_failures()


@case('successes never count: thirty people of one school sign in from one address')
def _():
    for _ in range(12):
        Api('practitioner.nhs@example.test')
    expect(sql('select count(*) from sign_in_failure'), ['0'])


@case('an address with 300 failures waits, whatever account it tries')
def _():
    bucket = None
    try_wrong(Api(), 'first@example.test')
    bucket = sql("select bucket from sign_in_failure where bucket like 'address:%'")[0]
    sql("insert into sign_in_failure (bucket) select '%s' from generate_series(1, 299)" % bucket)
    expect_problem(try_wrong(Api(), 'second@example.test'), 429, 'throttled')
    forget_failures()


@case('many guesses at the same moment do not slip past the count')
def _():
    import threading
    email, found = 'storm-%s@example.test' % uuid.uuid4().hex[:8], []
    threads = [threading.Thread(target=lambda: found.append(try_wrong(Api(), email).status)) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(found.count(401) <= 10 and found.count(401) + found.count(429) == 30, True, repr(found))
    forget_failures()


@case('an ended session ends at once, and only that one')
def _():
    one, two = Api('iro@example.test'), Api('iro@example.test')
    expect(one.delete('/session').status, 204)
    expect_problem(one.get('/session'), 401, 'unauthenticated')
    expect(two.get('/session').status, 200)


@case('sessions are listed without their secrets, and can be ended from another')
def _():
    one, two, stranger = Api('police@example.test'), Api('police@example.test'), Api('hr@example.test')
    items = two.get('/sessions').json['items']
    other = [item for item in items if not item['this']][0]
    expect_not_in(one.token, two.get('/sessions').text)
    expect_problem(stranger.post('/sessions/%s/end' % other['id']), 404, 'not_found')
    expect(two.post('/sessions/end-others').status, 204)
    expect_problem(one.get('/session'), 401)
    expect(len(two.get('/sessions').json['items']), 1)


@case('a session that nobody used for half an hour is idle')
def _():
    api = Api('leader@example.test')
    sql("update session set seen_at = now() - interval '31 minutes' where id = '%s'" % api.get('/session').json['session'])
    expect_problem(api.get('/session'), 401, 'idle')


@case('the cookie of a page is bound to this host, and hidden from scripts')
def _():
    pages = Pages()
    page = pages.get('/sign-in?next=%2Faccount')
    form = page.form().set('email', 'lead@example.test').set('password', PASSWORD)
    reply = pages.submit(page, form, follow=False)
    expect((reply.status, reply.header('Location')), (303, '/account'))
    cookie = [line for line in reply.headers_of('Set-Cookie') if line.startswith('__Host-session=')][0]
    for part in ('Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'):
        expect_in(part, cookie)
    expect_not_in('Domain', cookie)


@case('a sign-in form from somewhere else signs nobody in')
def _():
    theirs, mine = Pages(), Pages()
    page = theirs.get('/sign-in')
    form = page.form().set('email', 'lead@example.test').set('password', PASSWORD)
    mine.get('/sign-in')
    reply = mine.submit(page, form)
    expect((reply.status, '__Host-session' in mine.cookies), (422, False))


@case('somebody is sent on to pages of ours alone')
def _():
    for target in ('//example.org/', 'https://example.org/', '/\\example.org'):
        pages = Pages()
        page = pages.get('/sign-in')
        form = page.form().set('email', 'lead@example.test').set('password', PASSWORD)
        form.values.append(['next', target])
        expect(pages.submit(page, form, follow=False).header('Location'), '/')


@case('signing out takes the cookie away and ends the session')
def _():
    pages = Pages('practitioner@example.test')
    kept = dict(pages.cookies)
    page = pages.get('/account')
    pages.submit(page, page.form('/sign-out'))
    expect('__Host-session' in pages.cookies, False)
    pages.cookies = kept
    expect(pages.get('/account').path.startswith('/sign-in'), True)


@case('answers of a form whose session had ended come back to the same person alone')
def _():
    pages = Pages('scrutiny@example.test')
    form = pages.get('/account').form('/account')
    form.values = [pair for pair in form.values if not pair[0].startswith('birth')]
    for name, value in (('birth_date-day', '4'), ('birth_date-month', '7'), ('birth_date-year', '1979')):
        form.values.append([name, value])
    sql("update session set seen_at = now() - interval '31 minutes' where account_id = "
        "(select id from account where email = 'scrutiny@example.test')")
    page = pages.post('/account', form.values)
    expect_in('is kept', page.text_only)
    other = Pages()
    other.cookies = dict(pages.cookies)
    signed = other.submit(page, page.form('/sign-in').set('email', 'leader@example.test').set('password', PASSWORD))
    expect_in('were not kept', signed.text_only)
    expect_not_in('1979', signed.text)
    page = pages.submit(page, page.form('/sign-in').set('email', 'scrutiny@example.test').set('password', PASSWORD))
    expect_in('Your answers are kept', page.text_only)
    pages.submit(page, page.form('/account'))
    expect(sql("select birth_date from account where email = 'scrutiny@example.test'"), ['1979-07-04'])


@case('changing the password needs the current one, follows the rules, and ends the other sessions')
def _():
    email, _, _ = invite()
    one, two = Api(email, NEW), Api(email, NEW)
    expect_faults(one.post('/password', {'current': 'not it, I am afraid', 'password': OTHER}), ('/current', 'wrong'))
    expect_faults(one.post('/password', {'current': NEW, 'password': 'short'}), ('/password', 'weak'))
    expect_faults(one.post('/password', {'current': NEW, 'password': PASSWORD}), ('/password', 'weak'))
    expect(one.post('/password', {'current': NEW, 'password': OTHER}).status, 204)
    expect(one.get('/session').status, 200)
    expect_problem(two.get('/session'), 401)
    expect(Api().post('/session', {'email': email, 'password': NEW}).status, 401)
    Api(email, OTHER)
    forget_failures()


@case('asking for a reset answers alike for every address, and leaves a letter only for one that exists')
def _():
    email, account, _ = invite()
    known = Api().post('/password-resets', {'email': email})
    unknown = Api().post('/password-resets', {'email': 'nobody-%s@example.test' % uuid.uuid4().hex[:8]})
    expect((known.status, known.body), (unknown.status, unknown.body))
    expect(known.status, 202)
    expect(sql("select count(*) from outbox where kind = 'PASSWORD_RESET' and account_id = '%s'" % account), ['1'])


@case('an invitation is good once, and a forged one looks like a used one')
def _():
    email, _, path = invite()
    for target in (path, '/invitations/' + 'A' * 54, '/invitations/x'):
        expect_problem(Api().get(target), 404, 'not_found')
        expect_problem(Api().post(target, {'name': 'Testa Person', 'password': OTHER}), 404, 'not_found')
    Api(email, NEW)
    expect_in('cannot be used', Pages().get(path).text_only)


@case('an invitation runs out after 72 hours')
def _():
    admin = Api('admin@example.test')
    reply = admin.post('/accounts', {'email': 'late-%s@example.test' % uuid.uuid4().hex[:8], 'name': 'Late Person',
                                     'role': 'REPORTER', 'organisation': 'example-school'})
    path = reply.json['invitation']['path']
    expect(Api().get(path).json['purpose'], 'INVITATION')
    sql("update account_token set expires_at = now() where account_id = '%s'" % reply.json['id'])
    expect_problem(Api().get(path), 404, 'not_found')


@case('a second factor is set up by code, asked for from then on, and each code is good once')
def _():
    email, _, _ = invite()
    api = Api(email, NEW)
    offer = api.get('/second-factor').json
    expect_in('otpauth://totp/', offer['uri'])
    step = int(time.time()) // 30
    expect_faults(api.post('/second-factor', {'setup': offer['setup'], 'code': '000000'}), ('/code', 'wrong'))
    reply = api.post('/second-factor', {'setup': offer['setup'], 'code': totp(offer['secret'], step)})
    expect(reply.status, 201, 'setting up', reply)
    recovery = reply.json['recovery_codes']
    expect(len(set(recovery)), 10)
    sign_in = {'email': email, 'password': NEW}
    expect_problem(Api().post('/session', sign_in), 403, 'second_factor')
    expect_problem(Api().post('/session', {**sign_in, 'totp': '000000'}), 401, 'sign_in_refused')
    expect_problem(Api().post('/session', {**sign_in, 'totp': totp(offer['secret'], step)}), 401, 'sign_in_refused')
    code = totp(offer['secret'], step + 1)
    expect(Api().post('/session', {**sign_in, 'totp': code}).status, 201)
    expect_problem(Api().post('/session', {**sign_in, 'totp': code}), 401, 'sign_in_refused')
    expect(Api().post('/session', {**sign_in, 'recovery_code': recovery[0].upper()}).status, 201)
    expect_problem(Api().post('/session', {**sign_in, 'recovery_code': recovery[0]}), 401, 'sign_in_refused')
    pages = Pages()
    page = pages.get('/sign-in')
    page = pages.submit(page, page.form().set('email', email).set('password', NEW))
    expect('__Host-session' in pages.cookies, False)
    page = pages.submit(page, page.form('/sign-in/code').set('code', recovery[1]))
    expect('__Host-session' in pages.cookies, True)
    forget_failures()


@case('a role that sees most must set up its second factor first where the site asks for it')
def _():
    sql("update site set value = 'required' where key = 'second_factor'")
    try:
        api = Api('auditor@example.test')
        expect_problem(api.get('/incidents'), 403, 'second_factor')
        expect(api.get('/second-factor').status, 200)
        expect(Api('practitioner@example.test').get('/incidents').status, 200)
        expect(Pages('auditor@example.test').get('/incidents').path, '/second-factor')
    finally:
        sql("update site set value = 'optional' where key = 'second_factor'")


@case('a role that sees most counts once a second person has confirmed it')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    email, account, _ = invite(admin=admin)
    reply = admin.post('/accounts/%s/grants' % account, {'role': 'LADO', 'organisation': 'harbourside-lado'})
    expect((reply.status, reply.json['in_force']), (201, False))
    grant = reply.json['id']
    expect_not_in('LADO', Api(email, NEW).get('/session').text)
    expect_faults(confirm(admin, grant, Api(email, NEW)), ('', 'same_person'))
    expect_in(grant, dpo.get('/grants').text)
    expect_faults(dpo.post('/grants/%s/confirm' % grant, {}), ('/code', 'required'))
    expect(confirm(dpo, grant, Api(email, NEW)).json['in_force'], True)
    expect_problem(dpo.post('/grants/%s/confirm' % grant, {'code': '000000'}), 409, 'conflict')
    expect(Api(email, NEW).get('/sessions').json['waiting'], [])
    expect_in('LADO', Api(email, NEW).get('/session').text)
    expect(admin.post('/grants/%s/end' % grant).status, 200)
    expect_not_in('LADO', Api(email, NEW).get('/session').text)


@case('nobody gives, confirms or ends a role for themselves')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    mine = admin.get('/session').json['actor']['id']
    expect_faults(admin.post('/accounts/%s/grants' % mine, {'role': 'AGENCY_LEAD', 'organisation': 'example-school'}),
                  ('/role', 'not_to_yourself'))
    theirs = dpo.get('/session').json['actor']['id']
    grant = admin.post('/accounts/%s/grants' % theirs, {'role': 'QA_AUDITOR', 'organisation': 'partnership'}).json['id']
    expect_faults(confirm(dpo, grant, dpo), ('', 'not_to_yourself'))
    expect(admin.post('/grants/%s/end' % grant).status, 200)
    own = [item['id'] for item in admin.get('/accounts/' + mine).json['grants']][0]
    expect_faults(admin.post('/grants/%s/end' % own), ('', 'not_yourself'))


@case('an organisation that reports keeps two leads, whichever way one would go')
def _():
    admin = Api('admin@example.test')
    people = admin.get('/organisations/example-ips').json['people']
    lead = [person for person in people if person['role'] == 'AGENCY_LEAD'][0]['account']
    grant = [item['id'] for item in admin.get('/accounts/' + lead).json['grants'] if item['role'] == 'AGENCY_LEAD'][0]
    expect_faults(admin.post('/grants/%s/end' % grant), ('', 'two_leads_needed'))
    expect_faults(admin.post('/accounts/%s/end' % lead), ('', 'two_leads_needed'))
    refused = subprocess.run(['psql', '-X', '-q', '-c', 'set search_path = upstander', '-c',
                              "begin; select set_config('upstander.audit_id', '1', true); update role_grant set ended_at = now() "
                              "where id = '%s'; commit" % grant], capture_output=True, text=True)
    expect_in('two safeguarding leads', refused.stderr, 'the database itself')
    third = invite('AGENCY_LEAD', 'example-ips', admin=admin)[1]
    expect(admin.post('/grants/%s/end' % grant).status, 200)
    reply = admin.post('/accounts/%s/grants' % lead, {'role': 'AGENCY_LEAD', 'organisation': 'example-ips', 'until': '2027-01-31'})
    expect(reply.status, 201, 'with an end date', reply)
    last = [item['id'] for item in admin.get('/accounts/' + third).json['grants']][0]
    expect_faults(admin.post('/grants/%s/end' % last), ('', 'two_leads_needed'))


@case('an organisation without two leads cannot begin to report')
def _():
    admin = Api('admin@example.test')
    slug = 'test-' + uuid.uuid4().hex[:8]
    reply = admin.post('/organisations', {'slug': slug, 'name': 'Test college', 'kind': 'EDUCATION', 'area': 'X12'})
    expect(reply.status, 201, 'adding', reply)
    etag = admin.get('/organisations/' + slug).header('ETag')
    body = {'name': 'Test college', 'kind': 'EDUCATION', 'reports': True}
    expect_problem(admin.patch('/organisations/' + slug, body), 428)
    expect_faults(admin.patch('/organisations/' + slug, body, headers={'If-Match': etag}), ('/reports', 'two_leads_needed'))
    for _ in range(2):
        invite('AGENCY_LEAD', slug, admin=admin)
    expect(admin.patch('/organisations/' + slug, body, headers={'If-Match': etag}).json['reports'], True)
    expect_problem(admin.patch('/organisations/' + slug, body, headers={'If-Match': etag}), 412, 'stale')


@case('inviting twice under one key makes one account, and an address is taken once')
def _():
    admin = Api('admin@example.test')
    body = {'email': 'once-%s@example.test' % uuid.uuid4().hex[:8], 'name': 'Once Only', 'role': 'REPORTER', 'organisation': 'example-school'}
    key = {'Idempotency-Key': '"%s"' % uuid.uuid4()}
    first, second = admin.post('/accounts', body, headers=key), admin.post('/accounts', body, headers=key)
    expect((first.status, second.status, first.json['id']), (201, 201, second.json['id']))
    expect('invitation' in second.json, False, 'the link is shown once')
    expect_faults(admin.post('/accounts', body), ('/email', 'taken'))


@case('an ended account is signed out, and cannot sign in')
def _():
    admin = Api('admin@example.test')
    email, account, _ = invite(admin=admin)
    api = Api(email, NEW)
    expect(admin.post('/accounts/%s/end' % account).status, 200)
    expect_problem(api.get('/session'), 401, 'unauthenticated')
    expect(Api().post('/session', {'email': email, 'password': NEW}).status, 401)
    forget_failures()


@case('an administrator sees no case, and who is no administrator sees no account')
def _():
    admin, lead = Api('admin@example.test'), Api('lead@example.test')
    expect_problem(admin.get('/incidents'), 403, 'forbidden')
    expect_problem(admin.get('/referrals'), 403, 'forbidden')
    for path in ('/accounts', '/organisations', '/grants', '/exclusions', '/accounts/%s' % uuid.uuid4()):
        expect_problem(lead.get(path), 403, 'forbidden')
    expect_problem(admin.get('/accounts/%s' % uuid.uuid4()), 404, 'not_found')


@case('a case that names somebody is hidden from them when their account comes later, until a namesake is cleared')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    name = 'Quillon ' + ''.join(chr(97 + int(c, 16)) for c in uuid.uuid4().hex[:10]).capitalize()
    reply = Api('practitioner@example.test').post('/incidents', {
        'kind': 'INCIDENT', 'organisation': 'example-school', 'occurred_precision': 'UNKNOWN', 'harm': 'HAPPENED',
        'suspected_offence': 'NO', 'immediate_danger': False, 'narrative': 'What happened.',
        'people': [{'role': 'ALLEGED_PERPETRATOR_STAFF', 'name': name, 'works_with_children': 'YES', 'workplace_authority': 'X12'}]})
    expect(reply.status, 201, 'filing', reply)
    reference = reply.json['reference']
    expect(Api('lead@example.test').get('/incidents/' + reference).status, 200)
    email, account, _ = invite('AGENCY_LEAD', name=name, admin=admin)
    api = Api(email, NEW)
    expect_problem(api.get('/incidents/' + reference), 404, 'not_found')
    item = [item for item in dpo.get('/exclusions').json['items'] if item['account'] == account][0]
    expect((item['incident'], item['name']), (reference, name))
    path = '/exclusions/%s/%s/clear' % (reference, account)
    expect_faults(dpo.post(path, {}), ('/reason', 'required'))
    expect(dpo.post(path, {'reason': 'Another person: different birth date on both files.'}).status, 204)
    expect(api.get('/incidents/' + reference).status, 200)
    expect_problem(dpo.post(path, {'reason': 'Again.'}), 404, 'not_found')


@case('a name is matched by its first and last part, with an initial, a middle name or letters behind it, until it is cleared')
def _():
    admin, dpo = Api('admin@example.test'), Api('dpo@example.test')
    last = ''.join(chr(97 + int(c, 16)) for c in uuid.uuid4().hex[:10]).capitalize()
    email, account, _ = invite('AGENCY_LEAD', name='Grace Abena ' + last, admin=admin)
    holder = Api(email, NEW)

    def named(name):
        reply = Api('practitioner@example.test').post('/incidents', {
            'kind': 'INCIDENT', 'organisation': 'example-school', 'occurred_precision': 'UNKNOWN', 'harm': 'HAPPENED', 'suspected_offence': 'NO',
            'immediate_danger': False, 'narrative': 'What happened.', 'people': [{'role': 'ALLEGED_PERPETRATOR_STAFF', 'name': name,
                                                                                  'works_with_children': 'YES', 'workplace_authority': 'X12'}]})
        expect(reply.status, 201, 'filing', reply)
        return reply.json['reference']

    for name in ('Mrs Grace %s', 'Grace M %s, RN', 'G. %s', '%s, Grace'):
        reference = named(name % last)
        expect_problem(holder.get('/incidents/' + reference), 404, 'not_found')
        path = '/exclusions/%s/%s/clear' % (reference, account)
        expect(dpo.post(path, {'reason': 'Somebody else of that name.'}).status, 204, name)
        expect(holder.get('/incidents/' + reference).status, 200, name)
    for name in ('Grace Other' + last, 'Kwame ' + last, last):
        expect(holder.get('/incidents/' + named(name)).status, 200, name)
    before = named('G %s' % last[::-1].capitalize())
    later, _, _ = invite('AGENCY_LEAD', name='Gifty ' + last[::-1].capitalize(), admin=admin)
    expect_problem(Api(later, NEW).get('/incidents/' + before), 404, 'not_found')


@case('every page of accounts is there for an administrator, and says so without JavaScript')
def _():
    pages = Pages('admin@example.test')
    account = Api('lead@example.test').get('/session').json['actor']['id']
    for path, words in (('/account', 'Your account'), ('/password', 'Change your password'), ('/second-factor', 'Set up'),
                        ('/accounts', 'Invite somebody'), ('/accounts/' + account, 'Roles'), ('/accounts/%s/end' % account, 'End the account'),
                        ('/accounts/%s/grants' % account, 'Give'), ('/organisations', 'Add an organisation'),
                        ('/organisations/example-school', 'People'), ('/grants', 'second person')):
        page = pages.get(path)
        expect(page.status, 200, path, page)
        expect_in(words, page.text_only, path)


@case('a refused invitation form comes back with what was given and what is wrong')
def _():
    pages = Pages('admin@example.test')
    page = pages.get('/accounts')
    page = pages.submit(page, page.form('/accounts').set('email', 'admin@example.test').set('name', 'Somebody New')
                        .set('role', 'REPORTER').set('organisation', 'example-school'))
    expect(page.status, 422, 'status', page)
    expect_in('There is an account with this email address already', page.text_only)
    expect_in(['name', 'Somebody New'], page.form('/accounts').values)
    expect(page.title.startswith('Error:'), True, page.title)


run()
