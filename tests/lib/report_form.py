"""The report form as a browser without JavaScript fills it in."""
import re

from client import expect


def begin(browser):
    """A new draft; gives its first page and its address."""
    page = browser.get('/report')
    page = browser.submit(page, page.form('/report'))
    expect(page.status, 200, 'the first page of the form', page)
    return page, re.match(r'/report/[0-9a-f-]{36}', page.path).group(0)


def form_of(page):
    return next(form for form in page.forms if form.method == 'POST' and '_etag' in form.names)


def answer(browser, page, answers=None, button=None, follow=True):
    """Fills in the page's form and presses Continue, or another button."""
    form = form_of(page)
    for name, value in (answers or {}).items():
        form.set(name, value)
    return browser.submit(page, form, follow=follow, button=['then', button] if button else None)


def date(name, day, month, year):
    return {name + '-day': day, name + '-month': month, name + '-year': year}


def skip_to(browser, page, path):
    """Presses Continue until the page with this last segment."""
    for _ in range(30):
        if page.path.split('?')[0].endswith('/' + path):
            return page
        page = answer(browser, page)
        expect(page.status, 200, 'a page that may be passed over', page)
    raise AssertionError('no page %s' % path)


def add_child(browser, draft, number=1, name='Grace Okafor'):
    page = browser.get('%s/person/%d/role' % (draft, number))
    page = answer(browser, page, {'person/role': 'TARGET_CHILD'})
    page = answer(browser, page, {'person/name': name})
    page = answer(browser, page, {'person/age_estimate': '9'})
    page = answer(browser, page, {'person/home_authority': 'X12'})
    page = answer(browser, skip_to(browser, page, 'ethnicity'),
                  {'person/ethnicity/self_described': 'British Nigerian', 'person/ethnicity/code': 'B_AFR',
                   'person/ethnicity/source': 'PARENT_CARER'})
    return skip_to(browser, page, 'people')


def fill(browser, narrative='He was called names in the corridor.', danger='false'):
    """A complete report up to its check page."""
    page, draft = begin(browser)
    page = answer(browser, page, {'answers/kind': 'INCIDENT'})
    page = answer(browser, page, {'answers/narrative': narrative})
    page = skip_to(browser, page, 'when')
    page = answer(browser, page, {'answers/occurred_precision': 'UNKNOWN'})
    page = answer(browser, page, button='instead')
    page = skip_to(browser, page, 'danger')
    page = answer(browser, page, {'answers/immediate_danger': danger})
    page = skip_to(browser, page, 'people')
    add_child(browser, draft)
    page = skip_to(browser, browser.get(draft + '/people'), 'harm')
    page = answer(browser, page, {'answers/harm': 'HAPPENED'})
    page = answer(browser, page, {'answers/suspected_offence': 'UNSURE'})
    return skip_to(browser, page, 'check'), draft


def send(browser, page, follow=True):
    return browser.submit(page, form_of(page), follow=follow)


def reference_of(page):
    return re.search(r'UP-[0-9A-Z]{4}-[0-9A-Z]{4}', page.text_only).group(0)
