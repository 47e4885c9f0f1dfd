#!/usr/bin/env python3
"""The report form as a browser without JavaScript uses it: every page, leaving and resuming, sending once."""
import datetime
import os
import re
import sys
import threading
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))
from client import API, Api, Pages, case, expect, expect_in, expect_not_in, expect_problem, run  # noqa: E402
from matrix import sql  # noqa: E402
from report import report as report_body  # noqa: E402
from report_form import add_child, answer, begin, date, fill, form_of, reference_of, send, skip_to  # noqa: E402

PRACTITIONER, COLLEAGUE = 'practitioner@example.test', 'practitioner.nhs@example.test'
LEAD, MASH = 'lead@example.test', 'mash@example.test'
WORDS = 'Words that were said: “go home”,\n\twith a tab & <angles>'


@case('before anything is typed the page says who will read it')
def _():
    page = Pages(PRACTITIONER).get('/report')
    for words in ('Who will read it', 'safeguarding lead of your organisation', 'call 999', 'you do not need proof', 'England only',
                  'Exit this page'):
        expect_in(words, page.text_only, 'the start page')


@case('a stranger is asked to sign in, and a role that cannot report has no form')
def _():
    expect_in('/sign-in', Pages().get('/report', follow=False).header('Location') or '', 'where a stranger is sent')
    expect(Pages('scrutiny@example.test').get('/report').status, 403, 'a role without reports')


@case('a report goes from the first page to a confirmation with its reference')
def _():
    browser = Pages(PRACTITIONER)
    page, _ = fill(browser)
    for words in ('Grace Okafor', 'British Nigerian', 'He was called names', 'Child harmed', 'Not provided', 'MASH',
                  'If nobody answers by', 'Your safeguarding lead confirms each of these'):
        expect_in(words, page.text_only, 'the check page')
    page = send(browser, page)
    expect(page.status, 200, 'the confirmation', page)
    reference = reference_of(page)
    expect_in('What happens next', page.text_only)
    report = browser.get('/incidents/' + reference)
    expect_in('He was called names in the corridor.', report.text_only, 'what was sent')
    expect_in('British Nigerian', report.text_only)


@case('what the form sends is what the API would have stored')
def _():
    browser = Pages(PRACTITIONER)
    page, _ = fill(browser)
    reference = reference_of(send(browser, page))
    sent = Api(PRACTITIONER).get('/incidents/' + reference).json
    expect(sent['kind'], 'INCIDENT')
    expect(sent['narrative'], 'He was called names in the corridor.')
    expect((sent['harm'], sent['suspected_offence'], sent['immediate_danger']), ('HAPPENED', 'UNSURE', False))
    person = sent['people'][0]
    expect((person['role'], person['name'], person['age_estimate'], person['home_authority']),
           ('TARGET_CHILD', 'Grace Okafor', 9, 'X12'))
    expect(person['ethnicity'], {'code': 'B_AFR', 'self_described': 'British Nigerian', 'source': 'PARENT_CARER'})
    expect([r['pathway'] for r in sent['referrals']], ['MASH'])


@case('codes are never shown to people')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = fill(browser)
    pages = [page, send(browser, page)]
    pages += [browser.get('/incidents/' + reference_of(pages[1]) + path) for path in ('', '/chronology')]
    _, draft = begin(browser)
    pages += [browser.get('%s/person/1/%s' % (draft, path)) for path in ('role', 'name')]
    for page in pages:
        found = re.findall(r'\b[A-Z]+_[A-Z_]+\b', page.text_only)
        expect(found, [], 'codes on ' + page.path)


@case('a question that must be answered names itself, its page and its field')
def _():
    browser = Pages(PRACTITIONER)
    page, _ = begin(browser)
    page = answer(browser, page)
    expect(page.status, 422, 'a page without its answer', page)
    expect(page.title.startswith('Error: '), True, 'the title of a page with errors: ' + page.title)
    expect_in('There is a problem', page.text_only)
    expect_in('Select what you want to report', page.text_only)
    expect_in('#answers-kind', page.links, 'the summary leads to the field')


@case('a date that is none comes back as it was typed')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = begin(browser)
    page = answer(browser, page, {'answers/kind': 'INCIDENT'})
    answer(browser, browser.get(draft + '/when'), {'answers/occurred_precision': 'EXACT'})
    page = answer(browser, browser.get(draft + '/date'), date('answers/occurred_on', '31', '2', '2026'))
    expect(page.status, 422, 'a date that is none', page)
    values = dict(map(tuple, form_of(page).values))
    expect([values['answers/occurred_on-' + part] for part in ('day', 'month', 'year')], ['31', '2', '2026'])
    page = answer(browser, page, date('answers/occurred_on', '1', '1', '2090'))
    expect(page.status, 422, 'a day to come', page)
    expect_in('The date must be today or in the past', page.text_only)
    page = answer(browser, page, date('answers/occurred_on', '', '', ''))
    expect(page.status, 422, 'an exact date that is missing', page)
    page = answer(browser, page, date('answers/occurred_on', '1', '9', '2026'))
    expect(page.path, draft + '/aware', 'a good date')


@case('the day one first knew counts: today by one press, or a day that is entered')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = begin(browser)
    answer(browser, page, {'answers/kind': 'INCIDENT'})
    page = answer(browser, browser.get(draft + '/aware'), button='instead')
    expect(page.path, draft + '/place', 'after Today')
    values = dict(map(tuple, form_of(browser.get(draft + '/aware')).values))
    today = datetime.datetime.now(zoneinfo.ZoneInfo('Europe/London'))
    expect([int(values['answers/aware_at-' + part]) for part in ('day', 'month', 'year')],
           [today.day, today.month, today.year], 'the day that was kept')
    page = answer(browser, browser.get(draft + '/aware'), date('answers/aware_at', '1', '1', '2090'))
    expect(page.status, 422, 'a day to come', page)
    expect_in('This must not be in the future', page.text_only)
    page = answer(browser, page, date('answers/aware_at', '31', '2', '2026'))
    expect(page.status, 422, 'no day', page)
    values = dict(map(tuple, form_of(page).values))
    expect(values['answers/aware_at-day'], '31', 'a day that is none, as it was typed')
    page = answer(browser, page, date('answers/aware_at', '1', '7', '2026'))
    expect(page.path, draft + '/place', 'a good day')
    expect_in('1 July 2026', browser.get(draft + '/check').text_only, 'the check page')


@case('every question that a role does not need is left out, and each that can be skipped has a button for it')
def _():
    browser = Pages(PRACTITIONER)
    _, draft = begin(browser)
    for n, (role, absent) in enumerate([('TARGET_CHILD', ['account', 'work', 'workplace']),
                                        ('ALLEGED_PERPETRATOR_STAFF', ['home', 'care', 'faith', 'impact']),
                                        ('ALLEGED_PERPETRATOR_CHILD', ['work', 'workplace', 'faith'])], start=1):
        page = answer(browser, browser.get('%s/person/%d/role' % (draft, n)), {'person/role': role})
        asked = []
        while page.path != draft + '/people':
            asked.append(page.path.rsplit('/', 1)[1])
            page = answer(browser, page, button='instead')
            expect(page.status, 200, 'the page after ' + asked[-1], page)
        expect([path for path in absent if path in asked], [], 'what %s is asked' % role)
        expect(len(asked) >= 4, True, 'the pages of %s: %s' % (role, asked))
    page = browser.get(draft + '/check')
    for path in ('name', 'age', 'home', 'ethnicity', 'faith', 'language'):
        expect_in('%s/person/1/%s?back=check' % (draft, path), page.links, 'the links to change')
    expect_in('Not known', page.text_only)


@case('words spoken are kept exactly, and more can be added')
def _():
    browser = Pages(PRACTITIONER)
    _, draft = begin(browser)
    page = browser.get(draft + '/words')
    form = form_of(page)
    form.set('answers/verbatim/0/words', WORDS).set('answers/verbatim/0/speaker', 'A boy')
    page = browser.submit(page, form, button=['then', 'more'])
    expect(page.path, draft + '/words', 'the same page with room for more')
    values = dict(map(tuple, form_of(page).values))
    expect(values['answers/verbatim/0/words'], WORDS, 'the words as they were written')
    expect(values['answers/verbatim/1/words'], '', 'room for more')
    page = browser.submit(page, form_of(page).set('answers/verbatim/1/speaker', 'Nobody'))
    expect(page.status, 422, 'a speaker without words', page)


@case('ethnicity that is known says who said so, and one that is not says nobody did')
def _():
    browser = Pages(PRACTITIONER)
    _, draft = begin(browser)
    answer(browser, browser.get(draft + '/person/1/role'), {'person/role': 'TARGET_CHILD'})
    page = browser.get(draft + '/person/1/ethnicity')
    for words in ('Not asked', 'Not known', 'Asked, preferred not to say'):
        expect_in(words, page.text_only, 'always offered')
    page = answer(browser, page, {'person/ethnicity/code': 'A_IND'})
    expect(page.status, 422, 'without a source', page)
    expect_in('Say who described the ethnicity', page.text_only)
    page = answer(browser, page, {'person/ethnicity/code': 'NOT_KNOWN', 'person/ethnicity/source': 'SELF'})
    expect(page.status, 422, 'missing, with a source', page)
    page = browser.get(draft + '/person/1/ethnicity')
    page = answer(browser, page, {'person/ethnicity/code': 'NOT_ASKED'})
    expect(page.path, draft + '/person/1/language', 'missing')
    answer(browser, browser.get(draft + '/person/1/ethnicity'), button='instead')
    values = form_of(browser.get(draft + '/person/1/ethnicity')).values
    expect_in(['person/ethnicity/code', 'NOT_KNOWN'], values, 'what “I do not know” answers')


@case('people can be added, changed and removed, and are asked only what applies to them')
def _():
    browser = Pages(PRACTITIONER)
    _, draft = begin(browser)
    add_child(browser, draft)
    page = answer(browser, browser.get(draft + '/person/2/role'), {'person/role': 'ALLEGED_PERPETRATOR_STAFF'})
    page = answer(browser, page, {'person/name': 'Alex Reed'})
    page = skip_to(browser, page, 'work')
    expect_in('Do they work or volunteer with children?', page.text_only)
    page = answer(browser, page, {'person/works_with_children': 'NO'})
    expect(page.path, draft + '/person/2/ethnicity', 'who does not work with children is not asked where')
    page = answer(browser, browser.get(draft + '/person/2/work'), {'person/works_with_children': 'YES'})
    page = answer(browser, page, {'person/workplace': 'Breakwater School', 'person/workplace_authority': 'X12'})
    page = answer(browser, page)
    expect(page.path, draft + '/people', 'a member of staff is not asked who looks after them')
    page = browser.get(draft + '/people')
    expect_in('Grace Okafor: Child harmed', page.text_only)
    expect_in('Alex Reed: Person whose behaviour was reported: member of staff', page.text_only)
    page = send(browser, browser.get(draft + '/person/1/remove'))
    expect(page.path, draft + '/people', 'after removing')
    expect_not_in('Grace Okafor', page.text_only, 'who was removed')
    expect_in('Alex Reed', page.text_only, 'who was not')
    expect(browser.get(draft + '/person/3/role').status, 404, 'a gap in the people')


@case('a report can be left and resumed from another device, and a page that is not answered may be left too')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = begin(browser)
    page = answer(browser, page, {'answers/kind': 'OBSERVATION'})
    page = answer(browser, page, button='later')
    expect(page.path, '/report?saved=' + draft.split('/')[2], 'where saving leads')
    for words in ('Your report is saved. It is kept until', 'nobody but you can see it', 'Sign in from any device'):
        expect_in(words, page.text_only, 'what is said of a saved report')
    other_draft = Pages(COLLEAGUE).get('/report?saved=' + draft.split('/')[2])
    expect_not_in('is saved', other_draft.text_only, 'somebody else who follows the address')
    other = Pages(PRACTITIONER)
    expect_in(draft, other.get('/report').links, 'Reports you have started')
    page = other.get(draft)
    expect(page.path, draft + '/what-happened', 'the first question without its answer')
    expect_in(['answers/kind', 'OBSERVATION'], form_of(other.get(draft + '/kind')).values, 'the answer that was kept')


@case('nobody else can see, change, send or delete a draft')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = fill(browser)
    for email in (COLLEAGUE, LEAD):
        other = Pages(email)
        for path in ('', '/kind', '/people', '/person/1/name', '/check', '/delete'):
            expect(other.get(draft + path).status, 404, '%s at %s' % (email, path))
        expect_not_in(draft, ' '.join(other.get('/report').links), 'in the list of ' + email)
        own, _ = begin(other)
        hidden = dict(map(tuple, form_of(own).values))
        csrf = ['_csrf', hidden['_csrf']]
        expect(other.post(draft + '/kind', [csrf, ['_etag', '1'], ['_method', 'PATCH'], ['answers/kind', 'INCIDENT']]).status, 404)
        expect(other.post(draft + '/check', [csrf, ['_etag', '1']]).status, 404)
        expect(other.post(draft + '/delete', [csrf]).status, 404)
    expect(send(browser, page).status, 200, 'its author can still send it')


@case('a page that was answered elsewhere meanwhile shows both and loses nothing')
def _():
    browser, other = Pages(PRACTITIONER), Pages(PRACTITIONER)
    page, draft = begin(browser)
    answer(browser, page, {'answers/kind': 'INCIDENT'})
    here, there = browser.get(draft + '/what-happened'), other.get(draft + '/what-happened')
    answer(other, there, {'answers/narrative': 'Written on the telephone'})
    page = answer(browser, here, {'answers/narrative': 'Written at the desk'})
    expect(page.status, 412, 'a stale page', page)
    expect_in('Written on the telephone', page.text_only, 'what was kept')
    expect_in(['answers/narrative', 'Written at the desk'], form_of(page).values, 'what was typed')
    page = answer(browser, page)
    expect(page.status, 200, 'going on', page)
    expect_in(['answers/narrative', 'Written at the desk'], form_of(browser.get(draft + '/what-happened')).values)


@case('a changed answer leads back to the check page')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = fill(browser)
    expect_in(draft + '/what-happened?back=check', page.links, 'a link to change')
    page = answer(browser, browser.get(draft + '/what-happened?back=check'), {'answers/narrative': 'Told more exactly'})
    expect(page.path, draft + '/check', 'after the change')
    expect_in('Told more exactly', page.text_only)


@case('a report that lacks an essential answer is not sent, and the summary leads to the question')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = begin(browser)
    answer(browser, page, {'answers/kind': 'INCIDENT'})
    page = send(browser, browser.get(draft + '/check'))
    expect(page.status, 422, 'an incomplete report', page)
    expect(page.title.startswith('Error: '), True, 'the title')
    for path in ('what-happened', 'when', 'danger', 'harm', 'offence'):
        expect_in('%s/%s?back=check' % (draft, path), page.links, 'the summary')


@case('something done well is not asked about danger, harm or crime')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = begin(browser)
    answer(browser, page, {'answers/kind': 'GOOD_PRACTICE'})
    answer(browser, browser.get(draft + '/what-happened'), {'answers/narrative': 'The class read poems from home.'})
    answer(browser, browser.get(draft + '/when'), {'answers/occurred_precision': 'UNKNOWN'})
    expect(answer(browser, browser.get(draft + '/place')).path, draft + '/people', 'after the place')
    page = send(browser, browser.get(draft + '/check'))
    expect(page.status, 200, 'the confirmation', page)
    sent = Api(PRACTITIONER).get('/incidents/' + reference_of(page)).json
    expect((sent['harm'], sent['suspected_offence'], sent['immediate_danger']), ('NONE_KNOWN', 'NO', False))


@case('danger says to call 999 and lets the reporter go on; the report goes at once')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = begin(browser)
    answer(browser, page, {'answers/kind': 'INCIDENT'})
    page = answer(browser, browser.get(draft + '/danger'), {'answers/immediate_danger': 'true'})
    expect_in('Call 999 now', page.text_only)
    expect(answer(browser, page).path, draft + '/people', 'after the warning')
    page, _ = fill(browser, danger='true')
    expect_in('as soon as you send it', page.text_only)
    expect_in('It is with', send(browser, page).text_only, 'the confirmation')


@case('pressing Send twice makes one report, and both presses see the same confirmation')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = fill(browser)
    browsers = [Pages(PRACTITIONER) for _ in range(4)]
    pages = [one.get(draft + '/check') for one in browsers]
    answers = [None] * len(browsers)

    def press(n):
        answers[n] = send(browsers[n], pages[n])

    threads = [threading.Thread(target=press, args=[n]) for n in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect([one.status for one in answers], [200] * len(answers), 'each press')
    expect(len({reference_of(one) for one in answers}), 1, 'references')
    expect(reference_of(send(browser, page)), reference_of(answers[0]), 'a late press')
    expect(browser.get(draft + '/check').path.endswith('/sent'), True, 'the draft leads to its report')
    expect_not_in(draft, ' '.join(browser.get('/report').links), 'the draft is gone from the list')


@case('starting twice from one page makes one draft')
def _():
    browser = Pages(PRACTITIONER)
    page = browser.get('/report')
    first, second = (browser.submit(page, page.form('/report')) for _ in range(2))
    expect(first.path, second.path, 'the two drafts')


@case('a draft can be deleted, and is gone')
def _():
    browser = Pages(PRACTITIONER)
    _, draft = begin(browser)
    page = browser.get(draft + '/delete')
    expect_in('It cannot be brought back', page.text_only)
    page = browser.submit(page, page.form(draft + '/delete'))
    expect(page.path, '/report', 'after deleting')
    expect(browser.get(draft + '/kind').status, 404, 'a deleted draft')


@case('the reporter sees where it stands in words and no clocks; the lead sees the referral and its clock')
def _():
    browser = Pages(PRACTITIONER)
    page, _ = fill(browser)
    reference = reference_of(send(browser, page))
    mine = browser.get('/incidents/' + reference)
    expect_in('Your safeguarding lead is looking at this', mine.text_only)
    for words in ('due', 'On time so far', 'Late', 'RF-'):
        expect_not_in(words, mine.text_only, 'the reporter’s page')
    worked = Pages(LEAD).get('/incidents/' + reference)
    expect(worked.status, 200, 'the lead’s page', worked)
    expect_in('On time so far', worked.text_only)
    expect_in('Perception is enough to record it', worked.text_only)
    expect(any(link.startswith('/referrals/RF-') for link in worked.links), True, 'a link to the referral')


@case('information can be added, is refused when empty, and stands in the chronology')
def _():
    browser = Pages(PRACTITIONER)
    page, _ = fill(browser)
    reference = reference_of(send(browser, page))
    path = '/incidents/%s/additions' % reference
    page = browser.get(path)
    page = browser.submit(page, page.form(path))
    expect(page.status, 422, 'nothing to add', page)
    expect(page.title.startswith('Error: '), True, 'the title')
    page = browser.submit(page, page.form(path).set('text', 'His mother told me more.'))
    expect(page.path, '/incidents/' + reference, 'after adding')
    expect_in('His mother told me more.', browser.get('/incidents/%s/chronology' % reference).text_only)
    expect_in('His mother told me more.', Pages(LEAD).get('/incidents/%s/chronology' % reference).text_only)


@case('every page of the form has a way out and a way to come back later')
def _():
    browser = Pages(PRACTITIONER)
    page, draft = begin(browser)
    answer(browser, page, {'answers/kind': 'INCIDENT'})
    for path in ('kind', 'what-happened', 'words', 'when', 'place', 'danger', 'people', 'harm', 'offence', 'racism', 'form',
                 'perceived-by', 'wishes', 'must-not-know', 'safe-contact', 'aware', 'actions', 'person/1/role', 'person/1/name'):
        page = browser.get('%s/%s' % (draft, path))
        expect(page.status, 200, path, page)
        expect_in('Exit this page', page.text_only, path)
        expect_in('Save and come back later', page.text_only, path)
        expect_in('Back', page.text_only, path)


@case('the form has no twin in the API')
def _():
    expect(Api(PRACTITIONER).get('/report').status, 404, API + '/report')



def chance_fails(times):
    """The next references of referrals are met as if somebody had them already."""
    sql("""drop trigger if exists test_met on referral; drop sequence if exists test_met;
        create sequence test_met; grant usage on sequence test_met to public;
        create or replace function test_met() returns trigger language plpgsql as $$
        begin
            if nextval('upstander.test_met') <= %d then
                raise unique_violation using constraint = 'referral_reference_taken';
            end if;
            return new;
        end; $$;
        create trigger test_met before insert on referral for each row execute function test_met();""" % times)


@case('a reference that chance gave to two is made anew, and nobody is asked to send again')
def _():
    api = Api(PRACTITIONER)
    try:
        for times, status in ((1, 201), (3, 201)):
            chance_fails(times)
            expect(api.post('/incidents', report_body()).status, status, 'after %d' % times)
        browser = Pages(PRACTITIONER)
        page, _ = fill(browser)
        chance_fails(2)
        page = send(browser, page)
        expect(page.status, 200, 'the confirmation', page)
        reference_of(page)
        chance_fails(1000)
        before = sql('select count(*) from incident')
        expect_problem(api.post('/incidents', report_body()), 409, 'conflict')
        expect(sql('select count(*) from incident'), before, 'what was refused left nothing')
    finally:
        sql('drop trigger test_met on referral; drop function test_met(); drop sequence test_met;')


run()
