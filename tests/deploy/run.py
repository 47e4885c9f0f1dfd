"""What lies under deploy/ and config/: the shipped proxies are started and spoken to, units and scripts are checked."""
import contextlib
import glob
import http.client
import http.server
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import warnings

from client import case, eventually, expect, expect_in, expect_not_in, run

warnings.simplefilter('ignore', DeprecationWarning)  # old versions of TLS are asked for on purpose

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLIENT = '127.0.0.77'  # an address that nothing else in a log looks like


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as file:
        return file.read()


def command(*words, **options):
    return subprocess.run(words, cwd=TOP, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Upstream(http.server.BaseHTTPRequestHandler):
    """Stands where `serve` would, and remembers what the proxy sent."""
    seen = []
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        Upstream.seen.append((self.path, self.headers.get_all('X-Forwarded-For')))
        # Like Upstander, to which a proxy's health check without a Host is a request that nobody should send.
        self.send_response(200 if self.request_version == 'HTTP/1.1' and len(self.headers.get_all('Host') or []) == 1 else 400)
        self.send_header('Content-Length', '2')
        self.end_headers()
        self.wfile.write(b'ok')

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A health check that hangs up early is nothing to tell of."""


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def nginx(folder, plain, secure, upstream):
    """The shipped file with this test's ports and paths; the command that starts it, and its logs."""
    text = read('deploy/nginx/upstander.conf')
    text = re.sub(r'^ *listen \[::\].*\n', '', text, flags=re.M)
    text = text.replace('listen 80;', 'listen 127.0.0.1:%d;' % plain).replace('listen 443', 'listen 127.0.0.1:%d' % secure)
    text = text.replace('127.0.0.1:8080', '127.0.0.1:%d' % upstream).replace('/etc/upstander/tls', folder)
    text = text.replace('/var/log/nginx', folder)
    paths = ''.join('%s_temp_path %s/%s;' % (kind, folder, kind)
                    for kind in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
    write(folder + '/nginx.conf', 'daemon off; pid %s/pid; error_log %s/main.log; events {} http { %s\n%s}\n'
          % (folder, folder, paths, text))
    return ['nginx', '-p', folder, '-e', folder + '/start.log', '-c', folder + '/nginx.conf'], 'upstander*.log'


def haproxy(folder, plain, secure, upstream):
    text = read('deploy/haproxy/haproxy.cfg')
    text = text.replace('bind :80', 'bind 127.0.0.1:%d' % plain).replace('bind :443', 'bind 127.0.0.1:%d' % secure)
    text = text.replace('127.0.0.1:8080', '127.0.0.1:%d' % upstream).replace('/etc/upstander/tls', folder)
    text = text.replace('log /dev/log', 'log stdout format raw')
    if os.geteuid() != 0:
        text = re.sub(r'^ +(user|group) haproxy\n', '', text, flags=re.M)
    write(folder + '/haproxy.cfg', text)
    return ['haproxy', '-db', '-f', folder + '/haproxy.cfg'], 'output.log'


def certificate(folder):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
                    '-keyout', 'privkey.pem', '-out', 'fullchain.pem'], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(folder + '/fullchain.pem', encoding='ascii') as chain, open(folder + '/privkey.pem', encoding='ascii') as key:
        write(folder + '/upstander.pem', chain.read() + key.read())


@contextlib.contextmanager
def proxy(make):
    """Gives (plain port, TLS port, a function that reads all that was logged)."""
    folder = tempfile.mkdtemp(prefix='upstander-proxy-')
    upstream = Server(('127.0.0.1', 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    certificate(folder)
    words, pattern = make(folder, plain, secure, upstream.server_address[1])
    with open(folder + '/output.log', 'wb') as output:
        process = subprocess.Popen(words, stdout=output, stderr=output)

    def logged():
        text = ''
        for path in glob.glob(os.path.join(folder, pattern)):
            with open(path, encoding='utf-8', errors='replace') as log:
                text += log.read()
        return text

    try:
        if not eventually(lambda: process.poll() is None and listens(secure)):
            with open(folder + '/output.log', encoding='utf-8') as output:
                raise AssertionError('the proxy did not start: ' + output.read())
        yield plain, secure, logged
    finally:
        process.terminate()
        process.wait(timeout=20)
        upstream.shutdown()
        upstream.server_close()
        shutil.rmtree(folder)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(('127.0.0.1', port)) == 0


def get(port, path, headers=None, tls=True, **versions):
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers('DEFAULT:@SECLEVEL=0')  # so that it is the proxy that refuses old versions
        for name, value in versions.items():
            setattr(context, name, value)
        connection = http.client.HTTPSConnection('127.0.0.1', port, timeout=10, context=context,
                                                 source_address=(CLIENT, 0))
    else:
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10, source_address=(CLIENT, 0))
    try:
        connection.request('GET', path, headers=headers or {})
        reply = connection.getresponse()
        reply.read()
        return reply
    finally:
        connection.close()


def proxy_cases(name, make):
    @case(name + ' tells the server who asked and never passes on what the client claims')
    def _():
        with proxy(make) as (_, secure, _):
            del Upstream.seen[:]
            expect(eventually(lambda: get(secure, '/incidents', {'X-Forwarded-For': '6.6.6.6'}).status == 200), True)
            expect(dict(Upstream.seen)['/incidents'], [CLIENT])

    @case(name + ' logs a request without address, path or query, and none at all of the public pages')
    def _():
        with proxy(make) as (plain, secure, logged):
            eventually(lambda: get(secure, '/incidents?kind=INCIDENT').status == 200)
            for path in ('/public/reports', '/public/session?x=1', '/api/v1/public/reports', '/api/v1/public/report'):
                expect(get(secure, path).status, 200, path)
                get(plain, path, tls=False)
            expect(bool(eventually(lambda: ' GET 200 ' in logged())), True, 'the first request is logged')
            time.sleep(0.3)
            expect_not_in(CLIENT, logged(), 'an address in the log')
            expect_not_in('public', logged(), 'a public path in the log')
            expect_not_in('kind', logged(), 'a query in the log')
            expect(logged().count(' GET 200 '), logged().count('\n'), 'lines for anything but the first requests')

    @case(name + ' logs no address when a handshake fails or the server is away')
    def _():
        with proxy(make) as (_, secure, logged):
            with socket.create_connection(('127.0.0.1', secure), source_address=(CLIENT, 0)) as raw:
                raw.sendall(b'this is not TLS at all\r\n\r\n')
                raw.recv(100)
            time.sleep(0.3)
            expect_not_in(CLIENT, logged())

    @case(name + ' refuses TLS 1.1, sends plain http to https and keeps the figures to itself')
    def _():
        with proxy(make) as (plain, secure, _):
            expect(eventually(lambda: get(secure, '/').status == 200), True)
            expect(get(secure, '/', maximum_version=ssl.TLSVersion.TLSv1_2).status, 200)
            try:
                get(secure, '/', minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
                raise AssertionError('TLS 1.1 was accepted')
            except (ssl.SSLError, ConnectionError):
                pass
            reply = get(plain, '/incidents', tls=False)
            expect((reply.status, reply.getheader('Location').split(':')[0]), (308, 'https'))
            expect(get(secure, '/metrics').status, 404)

    @case(name + ' drops a client that sends its header a byte at a time')
    def _():
        with proxy(make) as (_, secure, _):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(socket.create_connection(('127.0.0.1', secure))) as slow:
                started, closed = time.monotonic(), False
                slow.settimeout(0.5)
                slow.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
                while not closed and time.monotonic() - started < 20:
                    try:
                        slow.sendall(b'a')
                        closed = True
                        slow.recv(1)  # an answer 408 or the end: either way it is over
                    except TimeoutError:
                        closed = False
                    except OSError:
                        closed = True
                expect(closed and time.monotonic() - started < 15, True, 'closed within its time')


proxy_cases('nginx', nginx)
proxy_cases('haproxy', haproxy)

for unit in ('upstander', 'upstander-work'):
    @case('the service manager understands %s.service and finds it well confined' % unit)
    def _(unit=unit):
        path = 'deploy/systemd/%s.service' % unit
        reply = command('systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=15', path)
        expect(reply.returncode, 0, 'exposure over 1.5: ' + reply.stdout[-200:])
        reply = command('systemd-analyze', 'verify', '--man=no', path)
        wrong = [line for line in reply.stdout.splitlines()
                 if unit in line and 'is not executable' not in line and 'not found' not in line]
        expect(wrong, [], 'complaints')


@case('every shell script is free of what shellcheck complains of')
def _():
    # The checkout may belong to somebody else than the one who runs the tests.
    scripts = [path for path in command('git', '-c', 'safe.directory=' + TOP, 'ls-files').stdout.splitlines()
               if os.path.isfile(os.path.join(TOP, path)) and is_shell(path)]
    expect_in('deploy/quickstart', scripts, 'scripts found')
    reply = command('shellcheck', '-x', '--severity=warning', *scripts)
    expect(reply.returncode, 0, reply.stdout)


def is_shell(path):
    with open(os.path.join(TOP, path), 'rb') as file:
        first = file.readline()
    return path.endswith('.sh') or (first.startswith(b'#!') and first.rstrip().endswith((b'sh', b'bash')))


def ensure_as_stranger(sudo):
    """What packages_ensure says to somebody who is not root where a package is missing; `sudo` is the body of theirs, or None."""
    with tempfile.TemporaryDirectory(prefix='upstander-deploy-') as folder:
        os.chmod(folder, 0o755)
        os.mkdir(folder + '/deploy')
        shutil.copy(os.path.join(TOP, 'deploy/lib.sh'), folder + '/deploy/lib.sh')
        write(folder + '/try', 'set -euo pipefail; . %s/deploy/lib.sh; packages_missing() { echo nonesuch; }; packages_ensure run\n' % folder)
        for name, body in (('apt-get', 'echo apt-get was run; exit 1'), ('sudo', sudo)):
            if body is not None:
                write('%s/%s' % (folder, name), '#!/bin/sh\n%s\n' % body)
                os.chmod('%s/%s' % (folder, name), 0o755)
        for name in ('bash', 'dirname', 'env', 'true'):
            os.symlink(shutil.which(name), '%s/%s' % (folder, name))
        stranger = [shutil.which('setpriv'), '--reuid=nobody', '--regid=nogroup', '--clear-groups'] if os.geteuid() == 0 else []
        return command(*stranger, folder + '/bash', folder + '/try', env={'PATH': folder})


@case('somebody who may not install packages is told whom to ask for what')
def _():
    for sudo in (None, 'exit 1'):
        reply = ensure_as_stranger(sudo)
        expect(reply.returncode, 1, reply.stdout)
        expect_in('only root can install them', reply.stdout)
        expect_in('apt-get install nonesuch', reply.stdout)
        expect_not_in('apt-get was run', reply.stdout)
    allowed = ensure_as_stranger('[ "$1" != -- ] || shift; exec "$@"')
    expect_in('apt-get was run', allowed.stdout, 'somebody who may')


@case('the example of the settings is what the program writes')
def _():
    reply = command(os.environ['BUILD'] + '/src/main/upstander', 'admin', 'settings', '--example')
    expect(reply.returncode, 0, reply.stdout)
    expect(reply.stdout, read('config/upstander.ini.example'))


@case('every package of the list has a purpose, and none is listed twice')
def _():
    rows = [line.split() for line in read('deploy/packages').splitlines() if line and not line.startswith('#')]
    expect([row for row in rows if len(row) != 4 or row[0] not in ('run', 'build', 'test')], [])
    names = [row[1] for row in rows]
    expect(sorted(names), sorted(set(names)))


run()
