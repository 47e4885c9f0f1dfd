"""Starting, stopping and killing the servers of a test that tests/lib/server made with --no-serve."""
import os
import pwd
import signal
import subprocess

from client import eventually, expect

FOLDER, BIN = os.environ['TEST_FOLDER'], '/usr/lib/postgresql/15/bin'
CLUSTER = os.path.join(FOLDER, 'postgres')


def as_account(*command):
    """Starts the command as the user that the servers run as; the process is the command's own, so that it can be waited for."""
    account = os.environ['TEST_ACCOUNT']
    if os.geteuid() == 0 and account != 'root':
        person = pwd.getpwnam(account)
        command = ('setpriv', '--reuid=%d' % person.pw_uid, '--regid=%d' % person.pw_gid, '--init-groups', '--', *command)
    with open(os.path.join(FOLDER, 'postgres-again.log'), 'ab') as log:
        return subprocess.Popen(command, cwd='/', stdin=subprocess.DEVNULL, stdout=log, stderr=log)


class Serve:
    """`upstander serve`, started by us."""

    def __init__(self):
        self.process = None

    def start(self):
        log = open(os.path.join(FOLDER, 'serve.log'), 'ab')
        self.process = subprocess.Popen([os.environ['TEST_COMMAND'], 'serve'], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)


class Database:
    """The private PostgreSQL: found by its lock file, killed outright, and started again as a child of ours."""

    def __init__(self):
        self.process = None

    @staticmethod
    def has_processes():
        """Also children that outlive the postmaster by a moment and hold its memory."""
        for name in filter(str.isdigit, os.listdir('/proc')):
            try:
                if os.readlink('/proc/%s/cwd' % name) == CLUSTER:
                    return True
            except OSError:
                continue
        return False

    def kill(self, how):
        with open(os.path.join(CLUSTER, 'postmaster.pid'), encoding='ascii') as file:
            pid = int(file.readline())
        os.kill(pid, signal.SIGKILL if how == 'kill' else signal.SIGQUIT)
        if self.process:
            self.process.wait()
        expect(eventually(lambda: not self.has_processes(), 20), True, 'PostgreSQL is gone')

    def start(self):
        self.process = as_account(BIN + '/postgres', '-D', CLUSTER)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
