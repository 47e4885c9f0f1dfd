"""The command line: what the operator does, what serve refuses, and how it starts and stops.

Run by `tests/lib/server --empty --no-serve`, in this order: the site is set up as the cases go on.
"""
import json
import os
import signal
import subprocess

from client import Client, case, eventually, expect, expect_in, expect_not_in, run

COMMAND = os.environ['TEST_COMMAND']
FOLDER = os.environ['TEST_FOLDER']
EXECUTABLE = os.path.join(FOLDER, 'bin', 'upstander')


def upstander(*words, **variables):
    return subprocess.run([COMMAND, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          timeout=90, env={**os.environ, **variables})


def ask(sql):
    return subprocess.run(['psql', '-XAtc', sql], text=True, stdout=subprocess.PIPE, check=True).stdout.strip()


class Serve:
    """A serve of this folder, for the length of a `with`; `stop` gives its status."""

    def __enter__(self):
        with open(os.path.join(FOLDER, 'serve.log'), 'ab') as log:
            self.process = subprocess.Popen([COMMAND, 'serve'], stdout=log, stderr=log)
        if not eventually(self.answers, 30):
            raise AssertionError('serve does not answer')
        return self

    def answers(self):
        return self.process.poll() is not None or self.status('/health/live') == 200

    def status(self, path):
        client = Client(timeout=10)
        try:
            return client.request('GET', path).status
        except OSError:
            return None
        finally:
            client.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)

    def __exit__(self, *_):
        self.stop()


@case('serve names everything that is missing at once and how to mend it')
def _():
    ask("update upstander.site set value = 'optional' where key = 'second_factor'")
    keys = os.path.join(FOLDER, 'keys')
    os.rename(keys, keys + '.away')
    try:
        reply = upstander('serve')
    finally:
        os.rename(keys + '.away', keys)
    expect(reply.returncode, 1)
    for words in ('upstander admin key make', 'upstander admin site set second_factor required',
                  'upstander admin site set retention_agreed yes'):
        expect_in(words, reply.stdout)


@case('serve starts once what it named is done, and each was recorded')
def _():
    expect(upstander('admin', 'site', 'set', 'second_factor', 'required').returncode, 0)
    expect_in('retention_agreed yes', upstander('serve').stdout)
    expect(upstander('admin', 'site', 'set', 'retention_agreed', 'yes').returncode, 0)
    with Serve() as serve:
        expect(serve.status('/health/ready'), 200)
    expect(ask("select string_agg(object, ' ' order by id) from upstander.audit_event where action = 'UPDATE'"),
           'site second_factor site retention_agreed')


@case('serve that is told to stop ends with status 0')
def _():
    with Serve() as serve:
        expect(serve.stop(), 0)


@case('a site setting out of bounds, unknown, or the demonstration mark is refused and changes nothing')
def _():
    before = ask('select string_agg(key || value, chr(10) order by key) from upstander.site')
    for key, value in (('idle_minutes', '4'), ('idle_minutes', '241'), ('due_time', '25:00:00'), ('second_factor', 'REQUIRED'),
                       ('demonstration', 'yes'), ('nothing', 'x'), ("x' or true --", 'x')):
        reply = upstander('admin', 'site', 'set', key, value)
        expect(reply.returncode, 1, '%s %s: %s' % (key, value, reply.stdout))
    expect(ask('select string_agg(key || value, chr(10) order by key) from upstander.site'), before)


@case('the first administrator is made with an invitation of which the database holds only a digest')
def _():
    reply = upstander('admin', 'account', 'create', 'First@Example.org', 'First Person', 'SYSADMIN')
    expect(reply.returncode, 0, reply.stdout)
    token = reply.stdout.split('/invitations/')[1].strip()
    expect(ask("select a.email || ' ' || g.role || ' ' || o.slug || ' ' || (g.confirmed_at is not null) from upstander.account a"
               ' join upstander.role_grant g on g.account_id = a.id join upstander.organisation o on o.id = g.organisation_id'),
           'first@example.org SYSADMIN partnership true')
    expect(ask("select count(*) from upstander.account_token where hash = encode(sha256('%s'), 'hex')" % token), '1')
    expect_not_in(token, ask('select string_agg(t::text, chr(10)) from upstander.account_token t'))


@case('an account that exists, an unknown role, an unknown organisation and a bad address are refused in words')
def _():
    for words, said in ((('first@example.org', 'A', 'SYSADMIN'), 'already'), (('b@example.org', 'B', 'KING'), 'there is no role'),
                        (('b@example.org', 'B', 'DPO', 'nowhere'), 'there is no organisation'),
                        (('no address', 'B', 'DPO'), 'cannot be right')):
        reply = upstander('admin', 'account', 'create', *words)
        expect(reply.returncode, 1, reply.stdout)
        expect_in(said, reply.stdout)
    expect(ask('select count(*) from upstander.account'), '1')


@case('migrating again changes nothing')
def _():
    before = ask('select string_agg(m::text, chr(10) order by version) from upstander.schema_migration m')
    reply = upstander('admin', 'migrate')
    expect(reply.returncode, 0, reply.stdout)
    expect_not_in('applied', reply.stdout)
    expect(ask('select string_agg(m::text, chr(10) order by version) from upstander.schema_migration m'), before)


@case('serve is not ready while the database is away, answers all the same, and is ready again without a restart')
def _():
    with Serve() as serve:
        ask("alter role upstander_serve nologin; select pg_terminate_backend(pid) from pg_stat_activity where usename ="
            " 'upstander_serve'")
        try:
            expect(eventually(lambda: serve.status('/health/ready') == 503), True, 'unready')
            expect(serve.status('/health/live'), 200)
        finally:
            ask('alter role upstander_serve login')
        expect(eventually(lambda: serve.status('/health/ready') == 200, 30), True, 'ready again')


@case('work does its jobs in a process of its own and stops when told')
def _():
    process = subprocess.Popen([COMMAND, 'work'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        expect(eventually(lambda: ask("select count(*) > 0 from pg_stat_activity where usename = 'upstander_work'") == 't'), True)
    finally:
        process.send_signal(signal.SIGTERM)
    expect(process.wait(timeout=40), 0)


@case('a wrong setting stops every command before it begins, whatever it is')
def _():
    for words in (('serve',), ('work',), ('admin', 'migrate'), ('admin', 'settings')):
        reply = upstander(*words, UPSTANDER_LISTEN_PROT='1', UPSTANDER_LOG_LEVEL='loud')
        expect(reply.returncode, 1, reply.stdout)
        expect_in('the nearest is UPSTANDER_LISTEN_PORT', reply.stdout)
        expect_in('log.level must be one of', reply.stdout)


@case('settings are shown with their source, and connection strings are not shown')
def _():
    reply = upstander('admin', 'settings', UPSTANDER_LOG_LEVEL='warning')
    expect_in('log.level                     environment warning', reply.stdout)
    expect_not_in('host=', reply.stdout)


@case('what is not a command is answered with help and status 2')
def _():
    for words in ((), ('sing',), ('admin',), ('admin', 'key'), ('serve', 'twice'), ('admin', 'account', 'create', 'x')):
        reply = upstander(*words)
        expect((reply.returncode, 'upstander' in reply.stdout), (2, True), ' '.join(words))
    expect(upstander('--help').returncode, 0)
    expect_in('admin key make', upstander('admin', '--help').stdout)


@case('the route list and the OpenAPI document are written without a database')
def _():
    away = {'UPSTANDER_DATABASE_ADMIN_CONNINFO': 'host=/nonexistent', 'UPSTANDER_DATABASE_CONNINFO': 'host=/nonexistent'}
    environment = {**os.environ, **away}
    routes = json.loads(subprocess.check_output([EXECUTABLE, 'admin', 'routes', '--json'], env=environment))
    document = json.loads(subprocess.check_output([EXECUTABLE, 'admin', 'openapi'], env=environment))
    expect(document['openapi'].startswith('3.1'), True)
    expect_in('/health/ready', [route['path'] for route in routes])


@case('serve does not run as root')
def _():
    if os.geteuid() == 0:
        reply = subprocess.run([EXECUTABLE, 'serve'], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    else:
        reply = subprocess.run(['unshare', '--user', '--map-root-user', EXECUTABLE, 'serve'], text=True, check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expect((reply.returncode, 'does not run as root' in reply.stdout), (1, True), reply.stdout)


run()
