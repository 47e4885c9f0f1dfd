"""What the suites of accounts share: fresh people, their codes, and what the database holds of them."""
import base64
import hashlib
import hmac
import os
import struct
import subprocess
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from client import Api, expect

NEW = 'harbour lantern seventeen'
OTHER = 'violet meadow thirty-one'


def sql(text):
    """The first value of each row, as the superuser."""
    done = subprocess.run(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', 'set search_path = upstander, public', '-c', text],
                          check=True, capture_output=True, text=True)
    return done.stdout.split('\n')[:-1]


def forget_failures():
    sql('delete from sign_in_failure')


def totp(secret, step):
    digest = hmac.new(base64.b32decode(secret), struct.pack('>Q', step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return '%06d' % ((struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 10 ** 6)


def invite(role='REPORTER', organisation='example-school', name='Testa Person', admin=None):
    """A fresh account that has taken up its invitation: (email, id, reply of the invitation)."""
    email = 'test-%s@example.test' % uuid.uuid4().hex[:12]
    reply = (admin or Api('admin@example.test')).post('/accounts', {'email': email, 'name': name, 'role': role, 'organisation': organisation})
    expect(reply.status, 201, 'inviting', reply)
    path = reply.json['invitation']['path']
    taken = Api().post(path, {'name': name, 'password': NEW})
    expect(taken.status, 204, 'taking up the invitation', taken)
    return email, reply.json['id'], path


def confirm(admin, grant, holder):
    """The second person confirms a role with the code that its holder sees."""
    codes = [item['code'] for item in holder.get('/sessions').json['waiting']]
    expect(len(codes), 1, 'one role waits')
    return admin.post('/grants/%s/confirm' % grant, {'code': codes[0]})


def try_wrong(client, email):
    return client.post('/session', {'email': email, 'password': 'not the password'})
