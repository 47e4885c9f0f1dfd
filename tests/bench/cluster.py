"""What is measured: two databases in one durable cluster, a server on each, and the plain Node server."""
import http.client
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ACCOUNTS = 22
# What the server asks of its own connections; without it the others would plan again and again, compile what runs once, and
# scan tables that were small when they planned.
PLANNING = '-c plan_cache_mode=force_generic_plan -c jit=off -c random_page_cost=1.1 -c enable_seqscan=off -c enable_mergejoin=off'


def say(text):
    print(text, file=sys.stderr, flush=True)


def command(*words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit('%s ended with status %d' % (words[0], done.returncode))
    return done.stdout


def psql(database, *arguments, text=None):
    return command('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', database, *arguments, input=text)


def as_account(*words):
    """The words of a command as the system user that everything runs as."""
    if os.geteuid() != 0:
        return list(words)
    name = os.environ['TEST_ACCOUNT']
    return ['setpriv', '--reuid=' + name, '--regid=' + name, '--init-groups', '--', *words]


class Server:
    """A child that listens on a port of 127.0.0.1."""

    def __init__(self, words, port, environment, log):
        self.port = port
        with open(log, 'ab') as out:
            self.child = subprocess.Popen(words, env={**os.environ, **environment}, stdout=out, stderr=out,
                                          stdin=subprocess.DEVNULL)
        for _ in range(300):
            try:
                http.client.HTTPConnection('127.0.0.1', port, timeout=1).connect()
                return
            except OSError:
                if self.child.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        sys.exit('%s did not start; see %s' % (words[0], log))

    def stop(self):
        self.child.terminate()
        self.child.wait()

    def request(self, method, path, token, content=None, key=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        headers = {'Authorization': 'Bearer ' + token}
        if content:
            headers['Content-Type'] = 'application/json'
        if key:
            headers['Idempotency-Key'] = '"%s"' % key
        connection.request(method, path, content, headers)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        return reply.status, text

    def resident_kib(self):
        with open('/proc/%d/status' % self.child.pid, encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('VmRSS:'))


class Site:
    """`small` and `large` are the databases."""

    def __init__(self, build, small, large):
        self.build = build
        self.folder = os.environ['TEST_FOLDER']
        self.base = int(os.environ['TEST_PORT'])
        self.incidents = {'upstander': small, 'large': large}
        self.servers = []
        self.tokens = self._tokens()

    def _tokens(self):
        """[(text, hash)], made once for the cluster."""
        path = os.path.join(self.folder, 'tokens')
        if not os.path.exists(path):
            tool = os.path.join(self.folder, 'bin', 'token')
            command('install', '-m', '755', os.path.join(self.build, 'tests', 'bench', 'token'), tool)
            made = command(*as_account(tool, os.path.join(self.folder, 'keys'), str(ACCOUNTS + 1)))
            with open(path, 'w', encoding='ascii') as file:
                file.write(made)
        with open(path, encoding='ascii') as file:
            return [tuple(line.split()) for line in file]

    def load(self):
        """Fills the databases, unless they are filled already."""
        if psql('postgres', '-c', "select 1 from pg_database where datname = 'large'"):
            return
        hashes = ','.join(digest for _, digest in self.tokens[:ACCOUNTS])
        psql('upstander', '-v', 'hashes=' + hashes, '-f', os.path.join(HERE, 'sql', 'partnership.sql'))
        psql('postgres', '-c', 'create database filling template upstander')
        psql('filling', '-c', 'alter database filling set search_path = upstander, pg_catalog',
             '-c', "alter database filling set timezone = 'Europe/London'")
        begin = time.monotonic()
        self._fill('upstander', self.incidents['upstander'])
        self._fill('filling', self.incidents['large'])
        psql('postgres', '-c', 'alter database filling rename to large')
        say('The databases were filled in %.0f s.' % (time.monotonic() - begin))

    def _fill(self, database, total):
        """Two sessions beside each other, each in pieces of its half."""
        def fill(first, last):
            pieces = ''.join('\\set first %d\n\\set last %d\n\\i %s\n' % (
                at, min(at + 49999, last), os.path.join(HERE, 'sql', 'fill.sql')) for at in range(first, last + 1, 50000))
            child = subprocess.Popen(['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', database], stdin=subprocess.PIPE, text=True)
            child.stdin.write(pieces)
            child.stdin.close()
            return child
        halves = [fill(1, total // 2), fill(total // 2 + 1, total)]
        if any([child.wait() for child in halves]):
            sys.exit('filling %s failed' % database)
        psql(database, '-c', 'vacuum analyze', '-c', 'checkpoint')

    def serve(self, database):
        """Upstander on a database."""
        port = self.base + 1 + len(self.servers)
        program = os.path.join(self.folder, 'bin', 'upstander')
        conninfo = 'host=%s dbname=%s user=upstander_' % (os.environ['PGHOST'], database)
        server = Server(as_account(program, '--config', os.path.join(self.folder, 'upstander.ini'), 'serve'), port, {
            'UPSTANDER_LISTEN_ADDRESS': '127.0.0.1', 'UPSTANDER_LISTEN_PORT': str(port),
            'UPSTANDER_KEY_FILE': os.path.join(self.folder, 'keys'), 'UPSTANDER_DATABASE_CONNINFO': conninfo + 'serve',
            'UPSTANDER_DATABASE_WORK_CONNINFO': conninfo + 'work'}, os.path.join(self.folder, 'bench-%s.log' % database))
        self.servers.append(server)
        return server

    def node(self, database):
        """The plain Node server on a database; its packages are installed on the first use."""
        folder = os.path.join(HERE, 'node')
        if not os.path.isdir(os.path.join(folder, 'node_modules')):
            command('npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', cwd=folder)
        port = self.base + 1 + len(self.servers)
        server = Server(['node', os.path.join(folder, 'server.mjs')], port, {
            'PORT': str(port), 'PGHOST': os.environ['PGHOST'], 'PGDATABASE': database, 'PGUSER': 'upstander_serve',
            'PGOPTIONS': PLANNING, 'KEY_FILE': os.path.join(self.folder, 'keys'), 'NODE_ENV': 'production'},
            os.path.join(self.folder, 'bench-node.log'))
        self.servers.append(server)
        return server

    def stop(self):
        for server in self.servers:
            server.stop()

    def file_some(self, server, content, count):
        """Files reports and gives their references."""
        made = []
        for n in range(count):
            mark = '%012x' % (time.time_ns() // 1000 & 0xffffffffffff)
            status, text = server.request('POST', '/api/v1/incidents', self.tokens[n % 16][0],
                                          content.replace('@' * 12, mark), 'seed-' + mark)
            if status != 201:
                sys.exit('filing answered %d: %s' % (status, text))
            made.append(json.loads(text)['reference'])
        return made
