#!/usr/bin/env python3
"""What pages owe whoever reads them, whatever they are about: words that are spelled out, ways on, lists that can be searched."""
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
from client import Pages, case, expect, expect_in, expect_not_in, run  # noqa: E402
from report_form import begin, fill, reference_of, send  # noqa: E402

PRACTITIONER = 'practitioner@example.test'


@case('the accessibility statement and the privacy notice are for everybody')
def _():
    for path in ('/accessibility', '/privacy'):
        expect(Pages().get(path).status, 200, path)


@case('a report is found by its reference, its status and its pathway, with a form that needs no script')
def _():
    browser = Pages(PRACTITIONER)
    page, _ = fill(browser)
    reference = reference_of(send(browser, page))
    page = browser.get('/incidents')
    form = next(form for form in page.forms if form.action == '/incidents').set('ref', reference)
    found = browser.get('/incidents?' + urllib.parse.urlencode([tuple(pair) for pair in form.values]))
    expect(found.status, 200, 'by its reference', found)
    expect_in(reference, found.text_only)
    expect(len(re.findall('UP-[0-9A-Z]{4}-[0-9A-Z]{4}', found.text_only)), 1, 'reports found by one reference')
    for choice, there in (('?status=CLOSED&ref=', False), ('?pathway=LADO&ref=', False), ('?pathway=MASH&ref=', True)):
        page = browser.get('/incidents%s%s' % (choice, reference))
        expect('/incidents/' + reference in page.links, there, choice)
        expect('No report fits what you chose' in page.text_only, not there, choice)


@case('MASH and LADO are spelled out where a reporter first reads of them')
def _():
    browser = Pages(PRACTITIONER)
    expect_in('the Multi-Agency Safeguarding Hub (MASH), the front door', browser.get('/report').text_only, 'before the form')
    page, _ = fill(browser)
    sent = send(browser, page)
    for shown in (page, sent, browser.get('/incidents/' + reference_of(sent))):
        expect_in('MASH is the Multi-Agency Safeguarding Hub', shown.text_only, shown.path)


@case('the list of councils begins with those of the partnership, under their own heading')
def _():
    browser = Pages(PRACTITIONER)
    _, draft = begin(browser)
    for page in (browser.get(draft + '/place'), Pages('mash@example.test').get('/referrals')):
        expect(page.text.count('<optgroup label="In this partnership">'), 1, 'groups of ' + page.path)
        expect(page.text.count('<optgroup label="Elsewhere in England">'), 1, 'groups of ' + page.path)
        expect(page.text.count('<optgroup'), page.text.count('</optgroup>'), 'groups that end')
        own = page.text.split('<optgroup label="In this partnership">')[1].split('</optgroup>')[0]
        expect_in('Harbourside', own, 'the partnership’s own')


@case('a page that is not there, or not for this role, keeps the way on to what one may do')
def _():
    browser = Pages(PRACTITIONER)
    for path, status in (('/nothing-here', 404), ('/accounts', 403), ('/incidents/UP-2222-2222', 404)):
        page = browser.get(path)
        expect(page.status, status, path, page)
        expect_in('Make a report', page.text_only, path)
        expect_in('Signed in as', page.text_only, path)
    stranger = Pages().get('/nothing-here', follow=False)
    expect(stranger.status, 404, 'a stranger', stranger)
    expect_not_in('Signed in as', stranger.text_only, 'a stranger')


@case('the privacy notice says how to reach the data protection officer, or that it does not say')
def _():
    expect_in('does not yet say here how to reach the data protection officer', Pages().get('/privacy').text_only)


run()
