"""Response times, as page, JSON and CSV, over the demonstration's cases."""
import csv
import datetime
import io
import math
import re

from client import Api, Pages, case, expect, expect_in, expect_not_in, expect_problem, run

PATH = '/scrutiny/response-times'
commissioner, leader, scrutiny = (Api(name + '@example.test') for name in ('commissioner', 'leader', 'scrutiny'))
pages = Pages('commissioner@example.test')


def wilson(x, n, z=1.959963984540054):
    root = z * math.sqrt(z * z + 4 * x * (1 - x / n))
    return (2 * x + z * z - root) / (2 * (n + z * z)), (2 * x + z * z + root) / (2 * (n + z * z))


def items(api=commissioner, query=''):
    reply = api.get(PATH + query)
    expect(reply.status, 200, 'response times', reply)
    return reply.json['items']


@case('every row adds up, and its interval is Wilson’s')
def _():
    rows = [row for row in items() if not row['suppressed']]
    expect(len(rows) > 0, True, 'rows')
    for row in rows:
        expect(row['n'], sum(row[part] for part in ('on_time', 'late', 'open_past_due', 'running', 'paused')), 'number')
        expect(row['due'], row['on_time'] + row['late'] + row['open_past_due'], 'due')
        if not row['due']:
            expect_not_in('on_time_percent', row)
            continue
        low, high = wilson(row['on_time'], row['due'])
        for member, wanted in (('on_time_percent', row['on_time'] / row['due']), ('on_time_lower', low), ('on_time_upper', high)):
            expect(abs(row[member] - 100 * wanted) <= 0.05 + 1e-9, True, f'{member} {row[member]} of {row}')


@case('filters keep their rows and nothing else')
def _():
    everything = items()
    for member, name in (('organisation', 'organisation'), ('area', 'area'), ('pathway', 'pathway')):
        value = everything[0][member]
        kept = items(query=f'?{name}={value}')
        expect(kept, [row for row in everything if row[member] == value], name)
    expect_problem(commissioner.get(PATH + '?organisation=nonsuch'), 400)
    expect_problem(commissioner.get(PATH + '?from=2026-02-30'), 400)
    expect_problem(commissioner.get(PATH + '?from=2026-02-02&to=2026-02-01'), 422)


@case('the page answers the question in its heading, then shows chart and table of the same figures')
def _():
    page = pages.get(PATH)
    expect(page.status, 200, 'the page', page)
    rows = [row for row in items() if not row['suppressed']]
    on_time, due = sum(row['on_time'] for row in rows), sum(row['due'] for row in rows)
    expect_in(f'{on_time} of {due} deadlines were met on time', page.text_only)
    expect_in('<svg', page.text)
    for row in rows:
        for text in (row['organisation_name'], row['label'], row['pathway_name'].split(':')[0]):
            expect_in(text, page.text_only)
        if row['due']:
            figures = [row[member] for member in ('on_time_percent', 'on_time_lower', 'on_time_upper')]
            expect_in('%.1f%% (%.1f to %.1f)' % tuple(figures), page.text_only)
    expect_in('More reports do not mean worse practice', page.text_only)
    expect_in('Wilson’s score interval', page.text_only)


@case('the CSV has the same figures, by its link and by Accept')
def _():
    page = pages.get(PATH + '?pathway=LADO')
    link = next(link for link in page.links if 'format=csv' in link)
    expect_in('pathway=LADO', link, 'the filter goes with it')
    by_link = pages.get(link)
    expect(by_link.header('Content-Type'), 'text/csv; charset=utf-8')
    by_accept = commissioner.get(PATH + '?pathway=LADO', headers={'Accept': 'text/csv'})
    expect(by_link.text, by_accept.text)
    table = list(csv.DictReader(io.StringIO(by_link.text)))
    for line, row in zip(table, items(query='?pathway=LADO'), strict=True):
        expect(line['Organisation'], row['organisation_name'])
        if not row['suppressed']:
            expect([line[name] for name in ('Number', 'On time', 'Late', 'Open past due')],
                   [str(row[name]) for name in ('n', 'on_time', 'late', 'open_past_due')])


HEAD = {'organisation', 'organisation_name', 'area', 'pathway', 'pathway_name', 'clock', 'label', 'indicator', 'suppressed'}


@case('small numbers show to nobody who may not see them: not in JSON, page or CSV')
def _():
    # The whole partnership always has rows with hardly a case; one school may have none in a quarter.
    withheld = shows_nothing_small(leader, 'leader@example.test') + shows_nothing_small(scrutiny, 'scrutiny@example.test')
    expect(withheld > 0, True, 'something is withheld')


def shows_nothing_small(viewer, email):
    """Holds what this viewer is shown to the rule, in JSON, page and CSV; how many rows were withheld, whole or in part."""
    rows = items(viewer)
    none = [row for row in rows if set(row) == HEAD]
    number_only = [row for row in rows if set(row) == HEAD | {'n'}]
    expect(len(none) + len(number_only), sum(row['suppressed'] for row in rows), 'a suppressed row has its number or nothing')
    expect(all(row['n'] >= 5 for row in number_only), True, 'a number that is shown')
    for row in rows:
        expect([row[part] for part in ('on_time', 'late', 'open_past_due', 'running', 'paused') if 0 < row.get(part, 0) < 5], [], 'small parts')
    page = Pages(email).get(PATH).text_only
    expect(page.count('Fewer than 5, so not shown'), len(none))
    expect(page.count('A part is fewer than 5, so no part is shown'), len(number_only))
    table = list(csv.DictReader(io.StringIO(viewer.get(PATH, headers={'Accept': 'text/csv'}).text)))
    for line, row in zip(table, rows, strict=True):
        if row['suppressed']:
            expect(list(line.values())[5:], [str(row.get('n', 'c'))] + ['c'] * 10, 'figures of a suppressed row')
    return len(none) + len(number_only)


@case('days give a leader whole quarters, so that no two answers differ by a case')
def _():
    whole = leader.get(PATH).json
    first, last = (datetime.date.fromisoformat(whole[name]) for name in ('from', 'to'))
    expect((first.day, first.month % 3, (last + datetime.timedelta(days=1)).month), (1, 1, (first.month + 2) % 12 + 1))
    for day in (first, first + datetime.timedelta(days=40), last):
        expect(leader.get(f'{PATH}?from={day}&to={day}').json, whole, f'the answer for {day}')
    day = str(first)
    expect(commissioner.get(f'{PATH}?from={day}&to={day}').json['to'], day, 'who may see small numbers has the days asked for')


@case('an agency’s leader sees their own agency and no other')
def _():
    expect({row['organisation'] for row in items(leader, '?from=2020-01-01')}, {'example-school'})


@case('only roles that may see aggregates see them')
def _():
    for who in ('practitioner', 'police', 'admin'):
        expect_problem(Api(who + '@example.test').get(PATH), 403)
    expect(Pages('practitioner@example.test').get(PATH).status, 403)


@case('no raw code stands on the page')
def _():
    page = pages.get(PATH)
    for row in items():
        expect(re.search(r'\b%s\b' % row['clock'], page.text_only), None, row['clock'])


run()
