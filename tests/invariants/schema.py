"""What can be said of the schema, and of the statements that use it."""
import os
import re
import subprocess

import database
import source

RESULT = ['outcome', 'body', 'etag', 'location']
CONTEXT = ['verdict', 'account', 'frame']
# How PostgreSQL names what has no name.
UNNAMED = re.compile(r'_(pkey|not_null|(key|fkey|check|excl)\d*)$')


def prepare():
    database.create('invariants')


def ask(statement):
    return [line for line in database.execute('invariants', statement).splitlines() if line]


def queries():
    """every statement prepares as its role, with the parameters that it declares and the columns that are promised"""
    paths = [path for path in source.tracked('sql/query') if path.endswith('.sql')]
    if len(paths) < 20:
        yield 'there are fewer than twenty statements'
    for path in paths:
        declared = len(re.findall(r'^-- \$\d+ ', source.text(path), re.M))
        role = 'upstander_work' if path.startswith('sql/query/job/') else 'upstander_serve'
        statement = source.text(path).strip().rstrip(';')
        arguments = '(' + ', '.join(['null'] * declared) + ')' if declared else ''
        done = database.psql('invariants', '-qAt', text=f"""set role {role};
            prepare q as {statement};
            select 'parameters ' || cardinality(parameter_types) from pg_prepared_statements where name = 'q';
            explain execute q{arguments};
            {statement} \\gdesc\n""")
        if done.status != 0:
            yield f'{path}: {done.output.splitlines()[0]}'
            continue
        lines = done.output.splitlines()
        if f'parameters {declared}' not in lines:
            yield f'{path}: declares {declared} parameters and uses another number'
        columns = [line.split('|')[0] for line in lines if line.endswith('|text')]
        if columns != (CONTEXT if path.split('/')[-1].startswith('context') else RESULT):
            yield f'{path}: gives {columns}'


def lists_exist():
    """every code list that a parameter or a field is checked against exists"""
    lists = set(ask('select json_object_keys(body::json) from upstander.code_lists()'))
    used = re.compile(r'^-- \$\d+ +\S+ +code (\w+)|\.list = "([\w|]+)"', re.M)
    for path in source.tracked('sql/query', 'src'):
        if path.endswith(('.sql', '.c')):
            names = {name for match in used.findall(source.text(path)) for name in ''.join(match).split('|')}
            yield from (f'{path}: no list {name}' for name in names - lists)


def constraints():
    """every named constraint has a message, or is listed as one that no input can meet"""
    known = set(re.findall(r'^ {8}\{ "(\w+)",', source.text('src/db/constraint.c'), re.M))
    names = {name for name in ask("select conname from pg_constraint where connamespace = 'upstander'::regnamespace and contype <> 't'")
             if not UNNAMED.search(name)}
    yield from (f'{name}: has a message in src/db/constraint.c and is not in the schema' for name in known - names)
    yield from source.compared({name: 'has no message in src/db/constraint.c' for name in names - known}, 'internal-constraints.tsv')


def labels():
    """every code list has codes and every code a label"""
    yield from ask("select 'list ' || list || ' is empty' from upstander.code_list l where not exists (select from upstander.code c where c.list = l.list)")
    yield from ask("select list || ' ' || code || ' has no label' from upstander.code where coalesce(trim(labels ->> 'en'), '') = ''")
    yield from ask("select list || ' ' || string_agg(code, ', ') || ' have one label' from upstander.code group by list, labels ->> 'en' having count(*) > 1")


def enumerations():
    """a column that allows a fixed set of codes allows those of its code list"""
    of_list = {('incident', 'kind'): 'incident_kind', ('incident', 'status'): 'incident_status', ('incident', 'harm'): 'harm',
               ('incident', 'suspected_offence'): 'yes_no_unsure', ('incident', 'occurred_precision'): 'occurred_precision',
               ('incident_person', 'works_with_children'): 'works_with_children'}
    for (table, column), name in of_list.items():
        allowed = ask(f"""select distinct m[1] from pg_constraint c, regexp_matches(pg_get_constraintdef(oid), '''([A-Z_]+)''', 'g') m
                           where conrelid = 'upstander.{table}'::regclass and contype = 'c' and pg_get_constraintdef(oid) ~ '\\({column} = ANY'""")
        # A draft is an incident to those who write it, and lies in a table of its own.
        codes = ask(f"select code from upstander.code where list = '{name}' and (list, code) <> ('incident_status', 'DRAFT')")
        if not allowed or sorted(allowed) != sorted(codes):
            yield f'{table}.{column} allows {sorted(allowed)}, its list {name} has {sorted(codes)}'


def permissions():
    """every permission is somebody's, every role has one, and every step of a pathway belongs to a role that may take steps"""
    yield from ask("select 'nobody has ' || permission from upstander.permission p where not exists (select from upstander.role_permission r where r.permission = p.permission)")
    yield from ask("select role || ' may do nothing' from upstander.role r where not exists (select from upstander.role_permission p where p.role = r.role)")
    yield from ask("""select distinct t.role || ' takes steps without REFERRAL_TAKE' from upstander.pathway_transition_role t
                       where not exists (select from upstander.role_permission p where p.role = t.role and p.permission = 'REFERRAL_TAKE')""")
    yield from ask("select distinct 'no permission ' || p.permission from upstander.role_permission p where permission !~ '^[A-Z_]+$'")


def dump(name):
    done = subprocess.run(['pg_dump', '--schema-only', '--exclude-table=upstander.schema_*', name], stdout=subprocess.PIPE, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line and not line.startswith(('--', '\\'))]


def difference(before, after, what):
    yield from (f'{what}: gone: {line}' for line in set(before) - set(after))
    yield from (f'{what}: new: {line}' for line in set(after) - set(before))


def run_again():
    """the replaceable sets run again change nothing, and psql alone comes to the same schema as admin migrate"""
    before = dump('invariants')
    counts = "select 'code', count(*) from upstander.code union all select 'version', count(*) from upstander.pathway_version"
    rows = ask(counts)
    database.load_replaceable('invariants')
    yield from difference(before, dump('invariants'), 'run again')
    yield from difference(rows, ask(counts), 'run again')
    database.create('again', template='template1')
    database.load_schema('again')
    yield from difference(before, dump('again'), 'by psql')


CHECKS = [queries, lists_exist, constraints, labels, enumerations, permissions, run_again]
