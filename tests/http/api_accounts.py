"""Accounts and organisations as the API tells of them. test_api.py runs these cases and holds what they saw to the document."""
import base64
import hashlib
import hmac
import struct
import time
import uuid

from client import case, expect, expect_in, expect_problem
from recorded import Recorded
from report import file_report

practitioner, screener, admin, dpo = (Recorded(who + '@example.test') for who in ('practitioner', 'mash', 'admin', 'dpo'))
anyone = Recorded()


def fresh(name):
    return '%s-%s@example.test' % (name, uuid.uuid4().hex[:8])


def listed(api, path):
    reply = api.get(path)
    expect(reply.status, 200, path, reply)
    return reply.json['items']


def totp(secret):
    key = base64.b32decode(secret + '=' * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack('>Q', int(time.time()) // 30), hashlib.sha1).digest()
    return '%06d' % ((struct.unpack('>I', digest[digest[-1] & 15:][:4])[0] & 0x7fffffff) % 1000000)


@case('an organisation is added, read and changed under its ETag')
def _():
    slug = 'walk-' + uuid.uuid4().hex[:8]
    made = admin.post('/organisations', {'slug': slug, 'name': 'Walk School', 'kind': 'EDUCATION', 'area': 'X12'})
    expect((made.status, made.header('Location')), (201, '/api/v1/organisations/' + slug))
    expect_in(slug, [item['slug'] for item in listed(admin, '/organisations')])
    read = admin.get('/organisations/' + slug)
    expect_problem(admin.patch('/organisations/' + slug, {'name': 'Other'}), 428)
    changed = admin.patch('/organisations/' + slug, {'name': 'Walk Academy', 'area': None}, headers={'If-Match': read.header('ETag')})
    expect((changed.status, changed.json['name'], changed.json.get('area')), (200, 'Walk Academy', None))


@case('somebody is invited, takes up the account, and everything of theirs is as the document says')
def _():
    email, password = fresh('walk'), 'a long enough phrase'
    made = admin.post('/accounts', {'email': email, 'name': 'Wren Walker', 'role': 'REPORTER', 'organisation': 'example-school'})
    expect(made.status, 201, 'inviting', made)
    path = '/accounts/' + made.json['id']
    expect_in(email, [item['email'] for item in listed(admin, '/accounts?limit=200')])
    again = admin.post(path + '/invitation')
    link = again.json['invitation']['path']
    expect(anyone.get(link).json['email'], email)
    taken = anyone.post(link, {'name': 'Wren Walker', 'birth_date': '1990-01-02', 'password': password})
    expect(taken.status in (200, 204), True, taken)
    expect(admin.patch(path, {'name': 'Wren A Walker'}, headers={'If-Match': admin.get(path).header('ETag')}).status, 200)

    one, other = Recorded(email, password), Recorded(email, password)
    expect(one.patch('/account', {'birth_date': '1991-01-02'}).status in (200, 204), True)
    sessions = listed(one, '/sessions')
    expect(len(sessions), 2)
    theirs = [item['id'] for item in sessions if not item['this']]
    expect(one.post('/sessions/%s/end' % theirs[0]).status, 204)
    expect(other.get('/session').status, 401)
    expect(one.post('/sessions/end-others').status, 204)
    expect(one.post('/password', {'current': password, 'password': 'another long phrase'}).status, 204)
    setup = one.get('/second-factor').json
    codes = one.post('/second-factor', {'setup': setup['setup'], 'code': totp(setup['secret'])})
    expect((codes.status, len(codes.json['recovery_codes']) > 5), (201, True))
    expect(admin.post(path + '/second-factor-reset').status, 200)

    grant = admin.post(path + '/grants', {'role': 'AGENCY_LEAD', 'organisation': 'example-school', 'until': '2027-12-31'})
    expect(grant.status, 201, 'a role', grant)
    expect(admin.post('/grants/%s/alternate' % grant.json['id'], {'alternate': True}).json['alternate'], True)
    expect(admin.post('/grants/%s/end' % grant.json['id']).status, 200)
    most = admin.post(path + '/grants', {'role': 'QA_AUDITOR', 'organisation': 'partnership'})
    expect(most.json['waits'], True)
    expect_in(most.json['id'], [item['id'] for item in listed(dpo, '/grants')])
    codes = [item['code'] for item in Recorded(email, 'another long phrase').get('/sessions').json['waiting']]
    expect(dpo.post('/grants/%s/confirm' % most.json['id'], {'code': codes[0]}).json['in_force'], True)
    moved = admin.patch(path, {'email': fresh('moved')}, headers={'If-Match': admin.get(path).header('ETag')})
    expect_in(moved.json['changes'][0]['id'], [item['id'] for item in dpo.get('/grants').json['changes']])
    expect(dpo.post('/account-changes/%s/end' % moved.json['changes'][0]['id']).json['waits'], False)
    moved = admin.patch(path, {'email': fresh('moved')}, headers={'If-Match': admin.get(path).header('ETag')})
    expect(dpo.post('/account-changes/%s/confirm' % moved.json['changes'][0]['id']).json['waits'], False)
    expect(admin.post(path + '/end').json['can']['end'], False)
    expect(anyone.post('/password-resets', {'email': email}).status, 202)


@case('a match by name alone waits for the data protection officer, who clears it')
def _():
    name = screener.get('/session').json['actor']['name']
    reference = file_report(practitioner, people=[{'role': 'WITNESS', 'name': name}])
    found = [item for item in listed(dpo, '/exclusions') if item['incident'] == reference]
    expect(len(found), 1)
    expect(dpo.post('/exclusions/%s/%s/clear' % (reference, found[0]['account']), {'reason': 'Another person, seen with the school.'}).status, 204)
