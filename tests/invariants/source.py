"""What can be said of the sources without running them."""
import json
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FILE_LINES, FUNCTION_LINES = 500, 60


def tracked(*folders):
    """The files of the checkout that git knows, below the folders."""
    done = subprocess.run(['git', '-c', 'safe.directory=' + TOP, 'ls-files', '-z', '--', *folders], cwd=TOP, stdout=subprocess.PIPE, check=True)
    return [path for path in done.stdout.decode().split('\0') if path and os.path.isfile(os.path.join(TOP, path))]


def text(path):
    with open(os.path.join(TOP, path), encoding='utf-8', errors='replace') as file:
        return file.read()


def table(name):
    """The rows of a .tsv file of this folder, as {first column: reason}."""
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file.readlines()[1:]]
    return {row[0]: row[1] for row in rows}


def compared(found, name):
    """What was found and has no reason in the table, and what has a reason and was not found."""
    reasons = table(name)
    yield from (f'{thing}: {about}' for thing, about in found.items() if thing not in reasons)
    yield from (f'{thing}: is in {name} and need not be' for thing in reasons if thing not in found)
    yield from (f'{thing}: {name} gives no reason' for thing, reason in reasons.items() if len(reason) < 15)


def layering():
    """a room uses the rooms before it in meson.build and no other"""
    rooms = re.findall(r"^subdir\('src/(\w+)'\)", text('meson.build'), re.M)
    if len(rooms) < 10:
        yield 'meson.build names fewer than ten rooms'
    for path in tracked('src', 'include'):
        room = path.split('/')[1]
        if not path.endswith(('.c', '.h')) or room not in rooms:
            continue
        for used in re.findall(r'^#include "(\w+)/', text(path), re.M):
            if used not in rooms or rooms.index(used) > rooms.index(room):
                yield f'{path} includes {used}/'


def private_headers():
    """a header that lies in src/ is included by its own room alone"""
    for path in tracked('src', 'tests/unit'):
        if path.endswith(('.c', '.h')):
            for used in re.findall(r'^#include "([^"]+)"', text(path), re.M):
                beside = os.path.join(os.path.dirname(path), used)
                if not os.path.exists(os.path.join(TOP, 'include', used)) and not os.path.exists(os.path.join(TOP, beside)) \
                        and not path.startswith('tests/'):
                    yield f'{path} includes {used}, which is neither in include/ nor beside it'


def functions_of(path):
    """(name, lines) of the functions of a C or SQL file, as the style writes them."""
    name = start = None
    if path.endswith('.sql'):
        begins, ends = re.compile(r'^create or replace function (\w+)'), re.compile(r'^\$\$')
    else:
        begins, ends = re.compile(r'^(?!struct |enum |union |typedef |static const |const |#|/| |\t|})[\w *]*?\b(\w+)\(.*'), re.compile(r'^}')
    for n, line in enumerate(text(path).splitlines(), 1):
        match = begins.match(line)
        if match:
            name, start = match.group(1), n
        elif name and ends.match(line):
            yield name, n - start + 1
            name = None
        elif name and path.endswith('.c') and line.rstrip().endswith(';') and line[:1] not in ' \t':
            name = None


def lengths():
    """no file is over 500 lines and no function over 60, but for a reason"""
    found = {}
    for path in tracked('src', 'include', 'sql', 'tools', 'deploy', 'tests'):
        lines = text(path).count('\n')
        if path.endswith(('.c', '.h', '.sql', '.py', '.mjs', '.js', '.scss')) and lines > FILE_LINES:
            found[path] = f'{lines} lines'
        if path.startswith(('src/', 'sql/functions/')) and path.endswith(('.c', '.sql')):
            for name, lines in functions_of(path):
                if lines > FUNCTION_LINES:
                    found[f'{path}:{name}'] = f'{lines} lines'
    yield from compared(found, 'long.tsv')


def unfinished():
    """nothing says that it is unfinished"""
    marks = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
    for path in tracked('src', 'include', 'sql', 'tests', 'tools', 'deploy', 'docs', 'config', 'README.md', 'meson.build'):
        if not path.endswith(('.png', '.json', '.woff2', '.ico')):
            for n, line in enumerate(text(path).splitlines(), 1):
                if marks.search(line):
                    yield f'{path}:{n}: {line.strip()[:80]}'


def one_knows():
    """what one file alone may know, no other does"""
    rules = (('src/http/', r'\bMHD_HTTP_[A-Z_]+\b', 'an HTTP status'), ('src/http/', r'#include <microhttpd\.h>', 'libmicrohttpd'),
             ('src/db/', r'#include <libpq-fe\.h>', 'libpq'))
    for path in tracked('src', 'include'):
        if path.endswith(('.c', '.h')):
            content = text(path)
            yield from (f'{path} knows {what}' for room, pattern, what in rules
                        if not path.startswith((room, room.replace('src/', 'include/'))) and re.search(pattern, content))


def definitions_refer():
    """every code list, role and fact that a pathway's definition names exists"""
    codes = text('sql/reference/20_codes.sql')
    lists = set(re.findall(r"^    \('(\w+)', '[^']+'\)[,;]?$", codes, re.M)) | {'authority', 'organisation'}
    roles = set(re.findall(r"^    \('([A-Z_]+)', '[^']+', (?:'[A-Z]+'|null), (?:true|false)", text('sql/reference/10_roles.sql'), re.M))
    for path in tracked('config/pathways'):
        definition = json.loads(text(path))
        for transition in definition['transitions']:
            yield from (f'{path}: no role {role}' for role in transition.get('roles', ()) if role not in roles)
            fields = transition.get('form', {}).get('fields', ())
            yield from (f'{path}: no list {field["list"]}' for field in fields if field.get('list', 'authority') not in lists)


CHECKS = [layering, private_headers, lengths, unfinished, one_knows, definitions_refer]
