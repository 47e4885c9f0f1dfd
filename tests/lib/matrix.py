"""The server as its own tables describe it, for suites that walk every route: routes, accounts, sessions, reports.

Sessions are rows of our own making, with tokens made as crypto/token.h says, so that hundreds of them cost no password.
"""
import base64
import collections
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import urllib.parse

from client import Api, Client, Page, expect

PEOPLE_BIRTH = '1981-04-17'
ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
FORM = 'application/x-www-form-urlencoded'


# --- The database, as its superuser ------------------------------------------------------------------------------------

def sql(statement):
    """What psql prints: rows in lines, columns apart by a tab."""
    done = subprocess.run(['psql', '-XqAt', '-F', '\t', '-v', 'ON_ERROR_STOP=1'], input='set search_path = upstander;\n' + statement,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout.rstrip('\n')


def rows(statement):
    return [line.split('\t') for line in sql(statement).splitlines()]


def counts(*leave_out):
    """How many rows each table has."""
    tables = [name for name, in rows("select relname from pg_class where relnamespace = 'upstander'::regnamespace and relkind = 'r'"
                                     ' order by 1') if name not in leave_out]
    return dict((name, int(n)) for name, n in
                rows(' union all '.join("select '%s', count(*) from %s" % (name, name) for name in tables)))


# --- The route table ---------------------------------------------------------------------------------------------------

def described(*words):
    done = subprocess.run([os.environ['TEST_COMMAND'], 'admin', *words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Route(collections.namedtuple('Route', 'method path permission flags body page query')):
    """A row of the route table."""

    @property
    def name(self):
        return '%s %s' % (self.method, self.path)

    @property
    def names(self):
        """The parameters in the path."""
        return [part.strip('{}.') for part in self.path.split('/') if part.startswith('{')]

    def has(self, flag):
        return flag in self.flags

    @property
    def for_api(self):
        return not self.has('page_only')

    @property
    def for_pages(self):
        return not self.has('api_only') and (self.method != 'GET' or self.page is not None or self.has('page_only'))

    def fill(self, **values):
        return '/'.join(str(values[part.strip('{}.')]) if part.startswith('{') else part for part in self.path.split('/'))

    def may(self, account):
        return self.permission is None or self.permission in account.permissions


def routes():
    return [Route(row['method'], row['path'], row['permission'], frozenset(row['flags']), row['body'], row['page'], row['query'])
            for row in described('routes', '--json')]


def absent_reference(prefix):
    """A reference that is well formed and names nothing."""
    word = [secrets.randbelow(31) for _ in range(7)]
    total = (ord(prefix[0]) - 64) * 8 + (ord(prefix[1]) - 64) * 9 + sum(n * (i + 1) for i, n in enumerate(word))
    text = ''.join(ALPHABET[n] for n in word) + ALPHABET[total % 31]
    return '%s-%s-%s' % (prefix, text[:4], text[4:])


# --- Accounts and sessions ---------------------------------------------------------------------------------------------

Account = collections.namedtuple('Account', 'id email name roles permissions units organisations')


def accounts():
    """Every account that can sign in, by the part of its e-mail address before the @."""
    found = {}
    for line in rows("""
            select a.id, a.email, a.name, string_agg(distinct g.role, ','),
                   coalesce((select string_agg(distinct p.permission, ',') from role_grant h join role_permission p using (role)
                              where h.account_id = a.id and grant_counts(h)), ''),
                   coalesce(string_agg(distinct g.unit_id::text, ','), ''), string_agg(distinct o.slug, ',')
              from account a join role_grant g on g.account_id = a.id and grant_counts(g) join organisation o on o.id = g.organisation_id
             where a.ended_at is null and a.email like '%@example.test' group by a.id order by a.email"""):
        parts = [frozenset(filter(None, text.split(','))) for text in line[3:]]
        found[line[1].split('@')[0]] = Account(line[0], line[1], line[2], *parts)
    return found


def key_of(kind):
    """The current key of that kind, from the server's own file."""
    with open(os.path.join(os.environ['TEST_FOLDER'], 'keys'), encoding='ascii') as file:
        lines = [line.split() for line in file if line.startswith(kind + ' ')]
    text = lines[-1][2]
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def _text(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def new_token(kind):
    """A token (kind b: the API's, c: the pages') and what the database knows it by."""
    random = os.urandom(24)
    text = _text(random + hmac.digest(key_of('token'), b'token/' + kind.encode() + random, 'sha256')[:16])
    return text, hashlib.sha256(text.encode()).hexdigest()


def csrf_of(session_hash):
    nonce = os.urandom(16)
    message = b'csrf/' + nonce + hashlib.sha256(session_hash.encode()).digest()
    return _text(nonce + hmac.digest(key_of('token'), message, 'sha256')[:16])


def session_row(account_id, kind, session_hash):
    return ("insert into session (hash, account_id, kind, expires_at, second_factor) values "
            "('%s', '%s', '%s', clock_timestamp() + interval '8 hours', true);" % (session_hash, account_id, kind))


class Browser(Client):
    """Pages without following anything: a cookie, and forms with the CSRF token that belongs to it."""

    def __init__(self, token=None, session_hash=None, **options):
        super().__init__(**options)
        self.token, self.hash = token, session_hash

    def _headers(self, more):
        sent = {'Accept': 'text/html', **(more or {})}
        if self.token:
            sent['Cookie'] = '__Host-session=' + self.token
        return sent

    def get(self, path, headers=None):
        return Page(self.request('GET', path, None, self._headers(headers)), path)

    def post(self, path, pairs, headers=None, csrf=True):
        pairs = [tuple(pair) for pair in pairs]
        if csrf and self.hash:
            pairs.append(('_csrf', csrf_of(self.hash)))
        return Page(self.request('POST', path, urllib.parse.urlencode(pairs).encode(),
                                 self._headers({'Content-Type': FORM, **(headers or {})})), path)


class Actor:
    """An account with a session of each kind."""

    def __init__(self, account):
        self.account = account
        (bearer, bearer_hash), (cookie, cookie_hash) = new_token('b'), new_token('c')
        sql(session_row(account.id, 'BEARER', bearer_hash) + session_row(account.id, 'COOKIE', cookie_hash))
        self.api = Api()
        self.api.token = bearer
        self.pages = Browser(cookie, cookie_hash)

    @property
    def name(self):
        return self.account.email.split('@')[0]


def actors(*names):
    """Sessions for these accounts, or for all."""
    found = accounts()
    return {name: Actor(found[name]) for name in names or found}


# --- Reports -----------------------------------------------------------------------------------------------------------

def child(**changes):
    return {'role': 'TARGET_CHILD', 'name': 'Ama Invented', 'age_estimate': 9, 'home_authority': 'X12',
            'ethnicity': {'code': 'B_AFR', 'source': 'SELF'}, **changes}


def colleague(**changes):
    return {'role': 'ALLEGED_PERPETRATOR_STAFF', 'name': 'Nobody Inparticular', 'works_with_children': 'YES',
            'workplace_authority': 'X12', 'ethnicity': {'code': 'NOT_ASKED'}, **changes}


def report(*more_people, **changes):
    """A report that calls for the LADO and the front door of Harbourside."""
    return {'kind': 'INCIDENT', 'organisation': 'example-school', 'occurred_in': 'X12', 'occurred_precision': 'UNKNOWN',
            'strands': ['ANTI_BLACK'], 'perceived_by': ['VICTIM'], 'harm': 'HAPPENED', 'suspected_offence': 'NO',
            'immediate_danger': False, 'narrative': 'Somebody said something at the gate.',
            'people': [child(), colleague(), *more_people], **changes}


def named(account, **changes):
    """A person in a report who is the owner of this account, by name and birth date."""
    return {'role': 'WITNESS', 'name': account.name, 'date_of_birth': PEOPLE_BIRTH, **changes}


def file_report(actor, body, **options):
    """Sends a report; gives its reference and those of its referrals by pathway, which the reporter is not told."""
    reply = actor.api.post('/incidents', body, **options)
    expect(reply.status, 201, 'filing as ' + actor.name, reply)
    return reply.json['reference'], referrals_of(reply.json['reference'])


def referrals_of(reference):
    return dict(rows("select f.pathway, f.reference from referral f join incident i on i.id = f.incident_id where i.reference = '%s'"
                     % reference))


def give_birth_date(actor, date=PEOPLE_BIRTH):
    expect(actor.api.patch('/account', {'birth_date': date}).status, 204, 'birth date of ' + actor.name)


# --- Steps of the pathways ---------------------------------------------------------------------------------------------

ANSWERS = {
    'confirm': {},
    'decline': {'decline_reason': 'HANDLED_BY_AGENCY', 'reason': 'We have spoken to the family.'},
    'threshold_met': {'criteria': ['HARMED', 'SUITABILITY'], 'rationale': 'What was said harmed the child.'},
    'threshold_not_met': {'disposal': 'REDIRECT_POLICE', 'rationale': 'None of the four is met.'},
    'record_outcome': {'outcome': 'SUBSTANTIATED', 'racism_finding': 'ESTABLISHED', 'finding_decider': 'EMPLOYER',
                       'rationale': 'Two people heard it.'},
    'screen': {'rag': 'AMBER', 'rationale': 'Needs an answer today.'},
    'decide': {'decision': 'S17_ASSESS', 'need_level': 'CHILD_IN_NEED', 'rationale': 'The child is afraid of school.',
               'feedback': 'A social worker will be in touch.'},
    'close': {'ethnicity_culture_considered': 'The child described themselves.'},
}


def step(actor, referral, transition, etag=None, data=None, **more):
    """Takes a step with the ETag of the moment, or the one given; gives the reply."""
    etag = etag or actor.api.get('/referrals/' + referral).header('ETag')
    body = {'transition': transition, 'data': ANSWERS[transition] if data is None else data, **more}
    return actor.api.post('/referrals/%s/transitions' % referral, body, headers={'If-Match': etag})


def take(actor, referral, transition, **options):
    reply = step(actor, referral, transition, **options)
    expect(reply.status, 200, '%s takes %s' % (actor.name, transition), reply)
    return reply
