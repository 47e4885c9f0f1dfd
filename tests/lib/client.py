"""What the HTTP suites are written with: a client for the API, one for the pages, and cases named by a sentence.

    from client import Api, Pages, case, expect, run

    @case('a stranger is asked to sign in')
    def _():
        expect(Api().get('/incidents').status, 401)

    run()

The standard library only. The server is found in TEST_URL (tests/lib/server sets it). Connections are kept alive.
"""
import html.parser
import http.client
import http.cookies
import json
import os
import sys
import time
import traceback
import urllib.parse
import uuid

PASSWORD = 'upstander-demo'
API = '/api/v1'


class Response:
    """A reply: status, headers (any case), body (bytes), and `json` where it is JSON."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode('utf-8')

    @property
    def json(self):
        return json.loads(self.body)

    def header(self, name):
        return self.headers.get(name)

    def headers_of(self, name):
        return self.headers.get_all(name) or []

    def __repr__(self):
        return '%d %s %.300r' % (self.status, self.headers.get('Content-Type'), self.body)


class Client:
    """One keep-alive connection. A connection that the server closed while idle is opened again, once."""

    def __init__(self, url=None, timeout=30):
        self.url = urllib.parse.urlsplit(url or os.environ['TEST_URL'])
        self.timeout = timeout
        self.connection = None

    def request(self, method, target, body=None, headers=None):
        fresh = self.connection is None
        try:
            return self._request(method, target, body, headers or {})
        except (http.client.BadStatusLine, ConnectionError):
            self.close()
            if fresh:
                raise
            return self._request(method, target, body, headers or {})

    def _request(self, method, target, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=self.timeout)
        self.connection.request(method, target, body, headers)
        reply = self.connection.getresponse()
        response = Response(reply.status, reply.headers, reply.read())
        if reply.will_close:
            self.close()
        return response

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Api(Client):
    """The JSON API: paths without the prefix, bodies as Python values, an Idempotency-Key on every POST unless given."""

    def __init__(self, email=None, password=PASSWORD, **options):
        super().__init__(**options)
        self.token = None
        if email:
            self.sign_in(email, password)

    def sign_in(self, email, password=PASSWORD, **more):
        reply = self.post('/session', {'email': email, 'password': password, **more})
        expect(reply.status, 201, 'signing in as ' + email, reply)
        self.token = reply.json['token']
        return reply

    def call(self, method, path, body=None, headers=None, content_type='application/json'):
        sent = {'Accept': 'application/json'}
        if self.token:
            sent['Authorization'] = 'Bearer ' + self.token
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent['Content-Type'] = content_type
        if method == 'POST':
            sent['Idempotency-Key'] = '"%s"' % uuid.uuid4()
        sent.update(headers or {})
        return self.request(method, path if path.startswith(API) else API + path,
                            body, {name: value for name, value in sent.items() if value is not None})

    def get(self, path, **options):
        return self.call('GET', path, **options)

    def post(self, path, body=None, **options):
        return self.call('POST', path, {} if body is None else body, **options)

    def put(self, path, body, **options):
        return self.call('PUT', path, body, **options)

    def patch(self, path, body, **options):
        return self.call('PATCH', path, body, content_type='application/merge-patch+json', **options)

    def delete(self, path, **options):
        return self.call('DELETE', path, **options)


class Form:
    """A form as it stands on a page: `values` is a list of [name, value] in order, as a browser would send it."""

    def __init__(self, action, method):
        self.action, self.method, self.values, self.names = action, method, [], set()

    def set(self, name, *values):
        """Gives the field these values (none: leaves it out). Refuses a name that the form does not have."""
        if name not in self.names:
            raise AssertionError('the form has no field %s; it has %s' % (name, sorted(self.names)))
        self.values = [pair for pair in self.values if pair[0] != name] + [[name, value] for value in values]
        return self


class _Page(html.parser.HTMLParser):
    """Finds a page's forms with the values they hold, its title, its links and its text."""

    VOID = {'area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'track', 'wbr'}

    def __init__(self):
        super().__init__()
        self.forms, self.links, self.words, self.title = [], [], [], ''
        self.form = self.select = self.area = None
        self.hidden = self.in_title = False

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        name = values.get('name')
        if tag == 'form':
            self.form = Form(values.get('action') or '', (values.get('method') or 'get').upper())
            self.forms.append(self.form)
        elif tag == 'a' and 'href' in values:
            self.links.append(values['href'])
        elif tag in ('script', 'style'):
            self.hidden = True
        elif tag == 'title':
            self.in_title = True
        elif tag == 'option' and self.select is not None:
            value = values.get('value', '')
            if 'selected' in values or self.select[1] is None:
                self.select[1] = value
        if self.form is None or not name or 'disabled' in values:
            return
        if tag == 'input':
            self._input(name, values)
        elif tag == 'select':
            self.form.names.add(name)
            self.select = [name, None]
        elif tag == 'textarea':
            self.form.names.add(name)
            self.area = [name, '']

    def _input(self, name, values):
        kind = (values.get('type') or 'text').lower()
        self.form.names.add(name)
        if kind in ('checkbox', 'radio'):
            if 'checked' in values:
                self.form.values.append([name, values.get('value', 'on')])
        elif kind not in ('submit', 'button', 'image', 'reset', 'file'):
            self.form.values.append([name, values.get('value') or ''])

    def handle_endtag(self, tag):
        if tag == 'form':
            self.form = None
        elif tag == 'select' and self.select is not None:
            if self.select[1] is not None:
                self.form.values.append(self.select)
            self.select = None
        elif tag == 'textarea' and self.area is not None:
            # A browser drops the first newline of a textarea.
            self.form.values.append([self.area[0], self.area[1].removeprefix('\n')])
            self.area = None
        elif tag in ('script', 'style'):
            self.hidden = False
        elif tag == 'title':
            self.in_title = False

    def handle_data(self, data):
        if self.area is not None:
            self.area[1] += data
        if self.in_title:
            self.title += data
        elif not self.hidden:
            self.words.append(data)


class Page(Response):
    """A page: `title`, `text_only` (what a reader sees, spaces collapsed), `links`, `forms`."""

    def __init__(self, response, path):
        super().__init__(response.status, response.headers, response.body)
        self.path = path
        found = _Page()
        if (self.header('Content-Type') or '').startswith('text/html'):
            found.feed(self.text)
        self.forms, self.links, self.title = found.forms, found.links, ' '.join(found.title.split())
        self.text_only = ' '.join(' '.join(found.words).split())

    def form(self, action=None):
        """The page's form with that action, or its last POST form (the frame may hold one to sign out)."""
        found = [form for form in self.forms if form.method == 'POST' and (action is None or form.action == action)]
        if not found:
            raise AssertionError('no form %s on %s: %r' % (action or '', self.path, self))
        return found[-1]


class Pages(Client):
    """A browser without JavaScript: cookies, redirects after a form, and the forms with their hidden fields."""

    def __init__(self, email=None, password=PASSWORD, **options):
        super().__init__(**options)
        self.cookies = {}
        if email:
            self.sign_in(email, password)

    def sign_in(self, email, password=PASSWORD):
        page = self.get('/session')
        form = page.form()
        form.set('email', email).set('password', password)
        page = self.submit(page, form)
        if not any(name.startswith('__Host-') for name in self.cookies) or page.status != 200:
            raise AssertionError('not signed in as %s: %r' % (email, page))
        return page

    def get(self, path, follow=True, headers=None):
        return self._page('GET', path, None, headers or {}, follow)

    def post(self, path, pairs, follow=True, headers=None):
        sent = {'Content-Type': 'application/x-www-form-urlencoded', **(headers or {})}
        return self._page('POST', path, urllib.parse.urlencode([tuple(pair) for pair in pairs]).encode(), sent, follow)

    def submit(self, page, form, follow=True, button=None):
        pairs = form.values + ([button] if button else [])
        return self.post(urllib.parse.urljoin(page.path, form.action), pairs, follow)

    def _page(self, method, path, body, headers, follow):
        for _ in range(6):
            sent = {'Accept': 'text/html', **headers}
            if self.cookies:
                sent['Cookie'] = '; '.join('%s=%s' % pair for pair in self.cookies.items())
            response = self.request(method, path, body, sent)
            self._keep_cookies(response)
            if response.status != 303 or not follow:
                return Page(response, path)
            path, method, body, headers = urllib.parse.urljoin(path, response.header('Location')), 'GET', None, {}
        raise AssertionError('too many redirects, the last to ' + path)

    def _keep_cookies(self, response):
        for line in response.headers_of('Set-Cookie'):
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel['max-age'] == '0' or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


# --- Cases --------------------------------------------------------------------------------------------------------------

_cases = []


def case(sentence):
    """Declares a case; its name is a sentence about behaviour."""
    def declare(function):
        _cases.append((sentence, function))
        return function
    return declare


def expect(got, wanted, about='', reply=None):
    """Equality, with what was looked at in the message."""
    if got != wanted:
        raise AssertionError('%s: got %r, wanted %r%s' % (about or 'unexpected', got, wanted,
                                                          '' if reply is None else ' in %r' % reply))


def expect_in(part, whole, about=''):
    if part not in whole:
        raise AssertionError('%s: %r is not in %.2000r' % (about or 'missing', part, whole))


def expect_not_in(part, whole, about=''):
    if part in whole:
        raise AssertionError('%s: %r is in %.2000r' % (about or 'unwanted', part, whole))


def expect_problem(reply, status, code=None):
    """An RFC 9457 problem of that status; `code` is the end of its type. Gives the problem."""
    expect(reply.status, status, 'status', reply)
    expect(reply.header('Content-Type'), 'application/problem+json', 'media type', reply)
    problem = reply.json
    expect(problem['status'], status, 'status in the problem', reply)
    for member in ('type', 'title', 'detail', 'request_id'):
        expect_in(member, problem, 'members of a problem')
    if code is not None:
        expect(problem['type'].rsplit('/', 1)[-1], code, 'type of the problem', reply)
    return problem


def expect_faults(reply, *wanted):
    """A problem 422 whose faults are exactly these (field, code), in any order."""
    problem = expect_problem(reply, 422)
    expect(sorted((fault['field'], fault['code']) for fault in problem['errors']), sorted(wanted), 'faults', reply)
    for fault in problem['errors']:
        expect(bool(fault['message']), True, 'every fault has a message', reply)


def eventually(question, seconds=10):
    """Asks until the answer is true; gives the answer."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.05)


def run():
    """Runs the cases declared so far, or those whose sentence holds an argument's words; prints the line that counts."""
    wanted = sys.argv[1:]
    passed = failed = 0
    for sentence, function in _cases:
        if wanted and not any(words in sentence for words in wanted):
            continue
        try:
            function()
            passed += 1
            print('ok      ' + sentence, flush=True)
        except Exception:  # whatever it is, the other cases still run
            failed += 1
            print('FAILED  ' + sentence, flush=True)
            traceback.print_exc(file=sys.stdout)
    print('%d passed, %d failed' % (passed, failed), flush=True)
    sys.exit(0 if failed == 0 and passed > 0 else 1)
