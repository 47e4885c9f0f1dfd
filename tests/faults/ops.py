#!/usr/bin/env python3
"""Starting, stopping and watching: what an operator meets. Run under tests/lib/server --durable --empty --no-serve."""
import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time

from client import Api, case, eventually, expect, expect_in, expect_not_in, run
from matrix import new_token, session_row, sql
from matrix_servers import FOLDER, Database, Serve

PORT, COMMAND = int(os.environ['TEST_PORT']), os.environ['TEST_COMMAND']
SERVE, DATABASE = Serve(), Database()
world = {}


def admin(*words):
    return subprocess.run([COMMAND, *words], capture_output=True, text=True, timeout=90, check=False)


def ask(path):
    """(status, body), or None when nobody answers."""
    connection = http.client.HTTPConnection('127.0.0.1', PORT, timeout=5)
    try:
        connection.request('GET', path)
        reply = connection.getresponse()
        return reply.status, reply.read()
    except OSError:
        return None
    finally:
        connection.close()


def status(path):
    answer = ask(path)
    return answer and answer[0]


def listens():
    with socket.socket() as sock:
        return sock.connect_ex(('127.0.0.1', PORT)) == 0


def start():
    SERVE.start()
    expect(eventually(lambda: status('/health/ready') == 200, 30), True, 'ready')


@case('serve refuses real records until everything that protects them is there, and names all that is missing at once')
def _():
    expect(admin('admin', 'site', 'set', 'second_factor', 'optional').returncode, 0)
    keys = os.path.join(FOLDER, 'keys')
    os.rename(keys, keys + '.away')
    done = admin('serve')
    os.rename(keys + '.away', keys)
    expect(done.returncode != 0, True, 'status')
    for words in (keys, 'admin key make', 'second_factor required', 'retention_agreed yes'):
        expect_in(words, done.stderr)
    expect(listens(), False, 'nothing listens')
    expect(admin('admin', 'site', 'set', 'retention_agreed', 'yes').returncode, 0)
    done = admin('serve')
    expect(done.returncode != 0, True, 'one thing is missing still')
    expect_in('second_factor required', done.stderr)
    expect_not_in('retention', done.stderr)
    expect(admin('admin', 'site', 'set', 'second_factor', 'required').returncode, 0)


@case('settings that are unknown or out of bounds are refused, all at once and before anything starts')
def _():
    path = os.path.join(FOLDER, 'wrong.ini')
    with open(path, 'w', encoding='ascii') as file:
        file.write('[listen]\nport = 99999\nprot = 1\n[nonsense]\nkey = 1\n[poll]\nthreads = many\n')
    os.chmod(path, 0o644)
    executable = os.path.join(FOLDER, 'bin', 'upstander')
    environment = {name: value for name, value in os.environ.items() if not name.startswith('UPSTANDER_')}
    done = subprocess.run([executable, '--config', path, 'admin', 'settings'], capture_output=True, text=True, check=False,
                          env={**environment, 'UPSTANDER_NO_SUCH_SETTING': '1', 'UPSTANDER_WORKER_THREADS': '0'})
    expect(done.returncode != 0, True, 'status')
    for words in ('listen.port', 'prot', 'nonsense', 'poll.threads', 'UPSTANDER_NO_SUCH_SETTING', 'worker.threads'):
        expect_in(words.lower(), done.stderr.lower())


@case('with all of it in place serve starts, is live and ready, and has figures')
def _():
    start()
    expect(status('/health/live'), 200)
    expect_in(b'upstander_requests_total', ask('/metrics')[1])
    made = admin('admin', 'account', 'create', 'first@example.test', 'First Person', 'SYSADMIN')
    expect(made.returncode, 0, made.stderr)
    account = sql("select id from account where email = 'first@example.test'")
    world['token'], session = new_token('b')
    sql(session_row(account, 'BEARER', session))
    api = Api()
    api.token = world['token']
    expect(api.get('/accounts').status, 200)


@case('while the database is away serve lives, is not ready and says when to come again; then it is ready by itself')
def _():
    pid = SERVE.process.pid
    for how in ('immediate', 'kill'):
        DATABASE.kill(how)
        expect(eventually(lambda: status('/health/ready') == 503, 10), True, 'not ready')
        expect(json.loads(ask('/health/ready')[1])['ready'], False)
        expect(status('/health/live'), 200)
        api = Api()
        api.token = world['token']
        reply = api.get('/accounts')
        expect((reply.status, int(reply.header('Retry-After')) > 0), (503, True), 'a request meanwhile', reply)
        DATABASE.start()
        expect(eventually(lambda: status('/health/ready') == 200, 30), True, 'ready again')
        expect(eventually(lambda: api.get('/accounts').status == 200, 5), True, 'and answers')
    expect((SERVE.process.poll(), SERVE.process.pid), (None, pid), 'the same process')


@case('serve is not ready on another version of the schema')
def _():
    SERVE.stop()
    sql('update schema_version set version = version + 1')
    SERVE.start()
    expect(eventually(lambda: status('/health/ready') == 200, 3), False, 'ready')
    SERVE.kill()
    sql('update schema_version set version = version - 1')
    start()


def slow_request(answers):
    """A request that waits for a lock of ours."""
    api = Api()
    api.token = world['token']
    answers.append(api.get('/accounts').status)


def hold_up(seconds):
    held = subprocess.Popen(['psql', '-Xq', '-c', 'begin; lock table upstander.session in access exclusive mode; select 1; select pg_sleep(%g); rollback'
                             % seconds], stdout=subprocess.DEVNULL)
    expect(eventually(lambda: sql("select count(*) from pg_locks where mode = 'AccessExclusiveLock' and relation = 'session'::regclass and granted")
                      == '1'), True, 'the lock')
    return held


@case('SIGTERM lets what is under way finish, takes nothing new, and ends well, also when it is said twice')
def _():
    for times in (1, 2):
        idle = http.client.HTTPConnection('127.0.0.1', PORT, timeout=10)
        idle.request('GET', '/health/ready')
        expect(idle.getresponse().read() != b'', True)
        held, answers = hold_up(1.5), []  # less than the lock_timeout of two seconds
        thread = threading.Thread(target=slow_request, args=(answers,))
        thread.start()
        time.sleep(0.5)
        for _ in range(times):
            SERVE.process.terminate()
            time.sleep(0.2)
        expect(eventually(lambda: not listens(), 3), True, 'nobody new is let in')
        expect(answers, [], 'the request is still under way')
        thread.join(20)
        expect(answers, [200], 'and is answered')
        expect(SERVE.process.wait(timeout=30), 0, 'the status')
        held.wait()
        start()


@case('a second serve on the same port says so and leaves the first alone')
def _():
    done = admin('serve')
    expect(done.returncode != 0, True, 'status')
    expect_in('port %d' % PORT, done.stderr)
    expect(status('/health/ready'), 200)


@case('serve does not run as root')
def _():
    environment = {**os.environ, 'UPSTANDER_KEY_FILE': os.path.join(FOLDER, 'keys')}
    if os.geteuid() == 0:
        done = subprocess.run([os.path.join(FOLDER, 'bin', 'upstander'), 'serve'], capture_output=True, text=True, timeout=30, check=False,
                              env=environment)
    else:
        done = subprocess.run(['sudo', '-n', os.path.join(FOLDER, 'bin', 'upstander'), 'serve'], capture_output=True, text=True, timeout=30,
                              check=False)
    expect(done.returncode != 0, True, 'status')
    expect_in('root', done.stderr + done.stdout)


@case('every line of the log is one JSON object with time, level and event, and none holds a token')
def _():
    with open(os.path.join(FOLDER, 'serve.log'), encoding='utf-8') as file:
        lines = file.read().splitlines()
    events = set()
    for line in lines:
        value = json.loads(line)
        expect(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', value['at']) is not None, True, line)
        expect(value['level'] in ('debug', 'info', 'warning', 'error'), True, line)
        expect(re.fullmatch('[a-z_]+', value['event']) is not None, True, line)
        events.add(value['event'])
        expect_not_in(world['token'], line)
    expect({'listening', 'stopping', 'request'} <= events, True, sorted(events))


try:
    run()
finally:
    if SERVE.process and SERVE.process.poll() is None:
        SERVE.process.kill()
    DATABASE.stop()
