"""Databases of a test's private PostgreSQL: making, loading and asking them, all through psql."""
import collections
import glob
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Done(collections.namedtuple('Done', 'status output')):
    """How psql ended, and all that it said."""

    def require(self):
        if self.status != 0:
            sys.exit(self.output)
        return self.output


def under_server(program):
    """Starts the program again under tests/lib/server, unless it is there already."""
    if 'TEST_FOLDER' not in os.environ:
        server = os.path.join(TOP, 'tests', 'lib', 'server')
        os.execv(server, [server, '--empty', '--no-serve', os.path.abspath(program), *sys.argv[1:]])


def psql(name, *arguments, text=None, folder=None):
    done = subprocess.run(['psql', '-X', '-v', 'ON_ERROR_STOP=1', '-d', name, *arguments], input=text, cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return Done(done.returncode, done.stdout)


def script(name, path, *options, text=None):
    """Runs a file, from its own folder."""
    return psql(name, *options, '-f', os.path.basename(path), text=text, folder=os.path.dirname(path))


def execute(name, statement):
    return psql(name, '-qAt', text=statement).require()


def create(name, template='upstander'):
    """A database of its own: as `upstander admin migrate` leaves it, unless another is to be copied."""
    execute('postgres', f'create database {name} template {template}')
    # What is said of a database by its name is not copied with it.
    execute(name, f'revoke temporary, create on database {name} from public')
    execute(name, f'alter database {name} set search_path = upstander, pg_catalog')
    execute(name, f"alter database {name} set timezone = 'Europe/London'")


def load_sets(name, *kinds):
    for kind in kinds:
        for path in sorted(glob.glob(os.path.join(TOP, 'sql', kind, '*.sql'))):
            script(name, path, '-q', '--single-transaction').require()


def load_replaceable(name):
    """What is run again whenever it has changed, and the definitions."""
    load_sets(name, 'functions', 'views', 'access', 'reference')
    for kind, function in (('pathways', 'pathway_install'), ('calendars', 'calendar_import')):
        for path in sorted(glob.glob(os.path.join(TOP, 'config', kind, '*.json'))):
            with open(path, encoding='utf-8') as file:
                psql(name, '-q', '-v', 'definition=' + file.read(),
                     text=f"set role upstander_owner; select {function}(:'definition');").require()


def load_schema(name):
    """What `upstander admin migrate` does, by psql alone, into an empty database."""
    load_sets(name, 'migrations')
    load_replaceable(name)
