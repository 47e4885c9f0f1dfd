"""What can be said of the templates: that whatever one asks for, somebody gives.

A variable is looked for where the page will look for it: in the sections around it, then in what the route answers with, as
its schema in src/schemas describes it, then in what the server adds. What the server adds are the members that the room of the
page names in its code, and what every page has (FRAME). A page whose route has no schema shows what its queries build, so
there the members are those that the SQL functions behind the room's queries name.
"""
import functools
import json
import os
import re
import subprocess

import routes
import source

FRAME = ['src/http/page.c', 'src/http/filter.c', 'src/http/problem.c', 'src/main/frame.c', 'src/view/page.c', 'src/view/form.c',
         'src/crypto/splice.c']
COMPONENTS = ['src/view/' + name for name in ('component.c', 'component_field.c', 'component_shape.c', 'form.c')]
# Options that a component hands on as they are; every fixture of them is compared in tests/view/fixtures.mjs.
HANDED_ON = {'beforeInputs', 'afterInputs', 'titleHtml'}
C_NAME = re.compile(r'"(\w+)\\?"')
SQL_NAME = re.compile(r"'(\w+)'|\bas (\w+)|^\s+(\w+) +(?:text|uuid|boolean|integer|bigint|date|timestamptz|jsonb?)\b", re.M)
FUNCTION = re.compile(r'create or replace function (\w+)\(.*?\$\$.*?\$\$', re.S)


@functools.cache
def variables():
    """Each variable once: (template, name, the sections around it, where it stands)."""
    command = os.path.join(os.environ.get('BUILD') or os.path.join(source.TOP, 'build'), 'tests', 'unit', 'view', 'variables')
    lines = subprocess.run([command], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    rows = [json.loads(line) for line in sorted(set(lines))]
    return [(row['template'], row['name'], tuple(row['sections']), '%s:%d' % (row['file'], row['line'])) for row in rows]


@functools.cache
def names_in_code(*paths):
    return {name for path in paths for name in C_NAME.findall(source.text(path))}


@functools.cache
def room_of(folder):
    return tuple(path for path in source.tracked('src/' + folder) if path.endswith(('.c', '.h')))


@functools.cache
def functions():
    return {match.group(1): match.group(0) for path in source.tracked('sql/functions') for match in FUNCTION.finditer(source.text(path))}


@functools.cache
def names_in_sql(query):
    """The members that the functions behind a query name, and those of the functions that they call."""
    unread, seen, names = [source.text('sql/query/%s.sql' % query)], set(), set()
    while unread:
        text = unread.pop()
        names |= {name for match in SQL_NAME.findall(text) for name in match if name}
        for called in set(re.findall(r'\b(\w+)\(', text)) & set(functions()) - seen:
            seen.add(called)
            unread.append(functions()[called])
    return names


@functools.cache
def schema(name):
    return json.loads(source.text('src/schemas/%s.json' % name))


def opened(node):
    """What a reference means; of an array, its items."""
    while node:
        if '$ref' in node:
            node = schema(node['$ref'].rsplit('/', 1)[-1].removesuffix('.json'))
        elif 'items' in node:
            node = node['items']
        else:
            return node
    return {}


@functools.cache
def pages():
    """The templates that are whole pages, and for each its rooms, which name it in their code, and its schemas."""
    found = {}
    for path in source.tracked('src/templates'):
        name = path.removeprefix('src/templates/').removesuffix('.mustache')
        rooms = {code.split('/')[1] for code in source.tracked('src') if code.endswith('.c') and '"%s"' % name in source.text(code)}
        if rooms and name.split('/')[0] not in ('layout', 'partial'):
            found[name] = rooms, {route['answer'] for route in routes.routes() if route['page'] == name and route['answer']}
    return found


class Page:
    """What can be found on a page."""

    def __init__(self, rooms, answers):
        code = [path for room in rooms for path in room_of(room)]
        self.given = names_in_code(*FRAME, *code)
        self.answers = [schema(answer) for answer in answers]
        if not answers:
            queries = [query for path in code for query in re.findall(r'"(\w+/\w+)"', source.text(path))
                       if os.path.exists(os.path.join(source.TOP, 'sql/query', query + '.sql'))]
            self.given = self.given.union(*map(names_in_sql, queries))
        self.given = self.given.union(names_in_sql('access/context'))

    def member(self, contexts, name, given):
        """The schema of a member; {} where the code gives it; None where nobody does."""
        head, *rest = name.split('.')
        for context in reversed(contexts):
            if head in context.get('properties', {}):
                node = opened(context['properties'][head])
                for part in rest:
                    if part not in node.get('properties', {}):
                        return {} if part in given else None
                    node = opened(node['properties'][part])
                return node
        return {} if all(part in given for part in [head, *rest]) else None

    def has(self, name, sections, given):
        contexts = list(self.answers)
        for section in sections:
            contexts.append(self.member(contexts, section, given) or {})
        return name == '.' or self.member(contexts, name, given) is not None


def of_components(where):
    return where.startswith(('partial/govuk/', 'partial/form/', 'partial/filter.'))


def unknown(misspelt=lambda name: name):
    """What is asked for and not given, for names as `misspelt` writes them: (template, name, where)."""
    known = {name: Page(*about) for name, about in pages().items()}
    layout = Page(['http', 'incident'], [])  # the form of a report puts the button for leaving in a hurry into the frame
    components = names_in_code(*COMPONENTS, *FRAME) | HANDED_ON
    for template, name, sections, where in variables():
        page = known.get(template.removesuffix('.title').removesuffix('.before'))
        page = layout if template == 'layout/page' else page
        if page and name != '.':
            written = misspelt(name)
            if not page.has(written, sections, page.given | components if of_components(where) else page.given):
                yield template, written, where


def variables_are_given():
    """whatever a template asks for is a member of what its page is given"""
    for template, name, where in unknown():
        yield f'{where}: nobody gives {name} to {template}'


def misspelling_is_found():
    """a name that is written wrongly, in any place of any template, is found"""
    asked = {(where, name) for template, name, sections, where in variables()
             if template.removesuffix('.title').removesuffix('.before') in pages() and name != '.'}
    found = {(where, name.removesuffix('q')) for template, name, where in unknown(lambda name: name + 'q')}
    yield from (f'{where}: {name}q would pass' for where, name in asked - found)
    if len(asked) < 500:
        yield f'only {len(asked)} variables were looked at'


def templates_are_used():
    """every template is a page that the server names, a part of one, or a component for any"""
    paths = source.tracked('src/templates')
    included = {name for path in paths for name in re.findall(r'\{\{> *([\w/-]+)', source.text(path))}
    for path in paths:
        name = path.removeprefix('src/templates/').removesuffix('.mustache')
        page = name.removesuffix('.title').removesuffix('.before')
        if page not in pages() and name not in included and name != 'layout/page' and not name.startswith('partial/'):
            yield f'{path} is shown by nobody'


CHECKS = [variables_are_given, misspelling_is_found, templates_are_used]
