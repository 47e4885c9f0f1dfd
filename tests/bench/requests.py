"""The requests that are measured, as the files that tests/bench/load sends, and the same as parameters for pgbench.

A run of twelve @ becomes a fresh number each time (load.c; replace() in sql/*.pgbench), so no two reports are alike.
"""
import datetime
import json

MARK = '@' * 12
API = '/api/v1'
NARRATIVE = ('At the end of the second lesson ' + MARK + ' a pupil was called a racist name in front of the class. ') + (
    'The teacher heard it and asked everybody to stop; the pupil said that it was not the first time this month. ' * 9)


def body(**changes):
    """A report of two people and a narrative of 1 KiB that calls for two referrals."""
    report = {
        'kind': 'INCIDENT', 'organisation': 'bench-school', 'occurred_in': 'X12', 'setting': 'SECONDARY',
        'occurred_on': (datetime.date.today() - datetime.timedelta(days=2)).isoformat(), 'occurred_precision': 'EXACT',
        'strands': ['ANTI_BLACK', 'ISLAMOPHOBIA'], 'forms': ['VERBAL_ABUSE'], 'perceived_by': ['VICTIM'],
        'harm': 'HAPPENED', 'suspected_offence': 'NO', 'immediate_danger': False, 'narrative': NARRATIVE[:1024],
        'people': [
            {'role': 'TARGET_CHILD', 'name': 'Child ' + MARK, 'date_of_birth': '2014-05-06', 'home_authority': 'X12',
             'ethnicity': {'code': 'NOT_ASKED'}},
            {'role': 'ALLEGED_PERPETRATOR_STAFF', 'name': 'Teacher ' + MARK, 'ethnicity': {'code': 'NOT_KNOWN'},
             'works_with_children': 'YES', 'workplace_authority': 'X12'}]}
    report.update(changes)
    return json.dumps(report)


def facts():
    """What the server makes of body() for incident_file: the same members, and sealed texts of the same length."""
    def number(kind):
        return '01999999-0000-7000-8%03d-%s' % (kind, MARK)

    def sealed(plain):
        return 's1.' + 'a' * ((plain + 28) * 4 // 3)

    report = json.loads(body())
    given = ('kind', 'organisation', 'occurred_in', 'setting', 'occurred_on', 'occurred_precision', 'strands', 'forms',
             'perceived_by', 'harm', 'suspected_offence', 'immediate_danger')
    index = '%020d' + MARK
    child = {'role': 'TARGET_CHILD', 'home_authority': 'X12', 'ethnicity': 'NOT_ASKED', 'ethnicity_list': 'missingness',
             'works_with_children': 'NO', 'age': 11, 'id': number(1), 'name_index': index % 1, 'name_birth_index': index % 2,
             'sealed': sealed(90)}
    adult = {'role': 'ALLEGED_PERPETRATOR_STAFF', 'workplace_authority': 'X12', 'ethnicity': 'NOT_KNOWN',
             'ethnicity_list': 'missingness', 'works_with_children': 'YES', 'id': number(2), 'name_index': index % 3,
             'sealed': sealed(60)}
    return json.dumps(dict(
        {name: report[name] for name in given}, people=[child, adult], wrapped='k1.2026-01-aaaa.' + 'a' * 80,
        account_sealed=sealed(1040), youngest_age=11,
        spare=[{'id': number(10 + n), 'reference': 'RF-%d-%s' % (n, MARK)} for n in range(8)]), separators=(',', ':'))


class Request:
    """The bytes of a request and the status that its answer must have."""

    def __init__(self, method, path, token, status, content=None):
        headers = ['%s %s HTTP/1.1' % (method, API + path), 'Host: 127.0.0.1', 'Accept: application/json']
        if token:
            headers.append('Authorization: Bearer ' + token)
        if content:
            headers += ['Content-Type: application/json', 'Content-Length: %d' % len(content.encode())]
            headers.append('Idempotency-Key: "bench-%s"' % MARK)
        self.text = '\r\n'.join(headers) + '\r\n\r\n' + (content or '')
        self.status = status

    def line(self):
        return '%d %d\n%s' % (self.status, len(self.text.encode()), self.text)


def filings(tokens):
    return [Request('POST', '/incidents', token, 201, body()) for token in tokens]


def readings(token, references):
    return [Request('GET', '/incidents/' + reference, token, 200) for reference in references]


def queue(token):
    return [Request('GET', '/referrals', token, 200)]


def with_refused_and_failing(good, stranger, forbidden, token):
    """The good ones, with one in twenty refused by the context and one in twenty failing in the database."""
    refused = [Request('POST', '/incidents', stranger, 401, body()), Request('POST', '/incidents', forbidden, 403, body()),
               Request('GET', '/incidents/UP-2222-2229', token, 404)]
    late = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)).strftime('%Y-%m-%dT%H:%M:%SZ')
    failing = [Request('POST', '/incidents', token, 422, body(aware_at=late)),
               Request('POST', '/incidents', token, 422, body(organisation='tiny-mash'))]
    mixed = []
    for n in range(6 * 20):
        spot = n % 20
        mixed.append(refused[n // 20 % 3] if spot == 5 else failing[n // 20 % 2] if spot == 15 else good[n % len(good)])
    return mixed


def write(path, requests):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        for request in requests:
            file.write(request.line())
