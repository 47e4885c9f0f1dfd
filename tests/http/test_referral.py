"""The queue, the page of a referral and its steps, over HTTP: as JSON and as pages without JavaScript."""
import re

from client import Api, Pages, case, expect, expect_faults, expect_in, expect_not_in, expect_problem, run
from report import NARRATIVE, all_items, file_report, referral_of, report, take

practitioner = Api('practitioner@example.test')
lead, lado, manager = Api('lead@example.test'), Api('lado@example.test'), Api('mash.manager@example.test')
screener, elsewhere = Api('mash@example.test'), Api('lado.oldquay@example.test')
lead_pages, lado_pages, manager_pages = (Pages(who + '@example.test') for who in ('lead', 'lado', 'mash.manager'))

MET = {'criteria': ['HARMED'], 'rationale': 'She was shamed in front of her class.'}


def sent(pathway, confirm=True):
    """The reference of a fresh referral, confirmed by the lead unless it is to stay PROPOSED."""
    reference = referral_of(lead, file_report(practitioner), pathway)
    if confirm:
        reply = take(lead, reference, 'confirm')
        expect(reply.status, 200, 'confirming', reply)
    return reference


def step_form(pages, reference, transition):
    page = pages.get(f'/referrals/{reference}/transitions?transition={transition}')
    expect(page.status, 200, 'the form of ' + transition, page)
    return page, page.form(f'/referrals/{reference}/transitions')


# --- The queue ----------------------------------------------------------------------------------------------------------

@case('the queue says when each referral is due, in words, with perception and outcome together')
def _():
    reference = sent('LADO', confirm=False)
    page = lead_pages.get('/referrals?due=NEW&pathway=LADO&sort=OPENED&limit=200')
    expect(page.status, 200, 'the queue', page)
    expect_in(reference, page.text_only)
    row = page.text.split(reference, 1)[1].split('</tr>', 1)[0]
    expect_in('Due ', row)
    expect_in('Perceived as racist by: A parent or carer and the person harmed', row)
    expect_in('No outcome yet', row)
    for code in ('PARENT_CARER', 'PROPOSED', 'BREACHED', 'RUNNING'):
        expect_not_in(code, page.text_only, 'raw codes')


@case('a report that has no code of any list is filed, filed again, read, and taken through its steps')
def _():
    none, key = {'strands': [], 'levels': [], 'forms': [], 'perceived_by': []}, {'Idempotency-Key': '"no-codes-of-any-list"'}
    first = practitioner.post('/incidents', report(**none), headers=key)
    expect(first.status, 201, 'filing', first)
    again = practitioner.post('/incidents', report(**none), headers=key)
    expect((again.status, again.json['reference']), (first.status, first.json['reference']), 'filing again')
    for who in (practitioner, lead):
        reply = who.get('/incidents/' + first.json['reference'])
        expect(reply.status, 200, 'reading', reply)
        expect({name: reply.json[name] for name in none}, none)
    step = take(lead, referral_of(lead, first.json['reference'], 'LADO'), 'confirm')
    expect(step.status, 200, 'confirming', step)


@case('the title names the work list and how much there is in it')
def _():
    sent('LADO', confirm=False)
    page = lead_pages.get('/referrals?due=NEW')
    expect(bool(re.fullmatch(r'New \((\d+|more than 99)\) – Referrals – Upstander', page.title)), True, page.title)


@case('the counts of the work lists are the numbers that can be listed')
def _():
    sent('MASH', confirm=False)
    counts = lead.get('/referrals').json['counts']
    for name, query in (('all', ''), ('new', '&due=NEW'), ('today', '&due=TODAY'), ('late', '&due=LATE'),
                        ('waiting', '&due=WAITING')):
        expect(counts[name], min(100, len(all_items(lead, '/referrals?limit=200' + query))), name)


@case('filters stand in the address and hold for what is listed')
def _():
    incident = file_report(practitioner)
    for pathway in ('LADO', 'MASH'):
        items = all_items(lead, f'/referrals?pathway={pathway}&state=PROPOSED&area=X12&limit=200')
        expect({(item['pathway'], item['state'], item['area']) for item in items}, {(pathway, 'PROPOSED', 'X12')})
        expect_in(incident, [item['incident'] for item in items])
    page = lead_pages.get('/referrals?pathway=LADO')
    expect_in('<option value="LADO" selected>', page.text)
    expect_in('href="/referrals?due=LATE&amp;pathway=LADO"', page.text, 'a work list keeps the filter')
    expect_problem(lead.get('/referrals?pathway=NONSUCH'), 400)
    expect(lead_pages.get('/referrals?pathway=NONSUCH').status, 400)


@case('columns that sort are links, and the one in force says so')
def _():
    sent('LADO', confirm=False)
    page = lead_pages.get('/referrals?sort=OPENED')
    heads = re.findall(r'<th scope="col"[^>]*aria-sort="(\w+)"[^>]*><a class="govuk-link" href="([^"]*)">(\w+)', page.text)
    expect(heads, [('none', '/referrals', 'Due'), ('ascending', '/referrals?sort=OPENED', 'Opened')])
    opened = [item['opened_at'] for item in lead.get('/referrals?sort=OPENED&limit=200').json['items']]
    expect(opened, sorted(opened))
    due = [item['due_at'] for item in lead.get('/referrals?limit=200').json['items'] if 'due_at' in item]
    expect(due, sorted(due))


@case('page after page shows every referral once')
def _():
    for _ in range(2):
        file_report(practitioner)
    whole = [item['reference'] for item in all_items(lead, '/referrals?limit=200')]
    walked = [item['reference'] for item in all_items(lead, '/referrals?limit=3')]
    expect(walked, whole)
    expect(len(set(walked)), len(walked))
    page = lead_pages.get('/referrals?limit=3')
    next_page = [link for link in page.links if 'cursor=' in link]
    expect(len(next_page), 1, 'one link to the next page')
    expect_in(whole[3], lead_pages.get(next_page[0]).text_only)


@case('several new referrals are acknowledged at once, without JavaScript')
def _():
    incident = file_report(practitioner)
    both = [referral_of(lead, incident, pathway) for pathway in ('LADO', 'MASH')]
    page = lead_pages.get('/referrals?due=NEW&sort=OPENED&limit=200')
    form = page.form('/referrals/acknowledgements')
    form.set('referrals', *both)
    expect(lead_pages.submit(page, form).status, 200)
    for reference in both:
        expect(lead.get('/referrals/' + reference).json['new'], False, reference)


@case('a form that acknowledges nothing comes back with the queue and says what to do')
def _():
    sent('LADO', confirm=False)
    page = lead_pages.get('/referrals?due=NEW')
    page = lead_pages.submit(page, page.form('/referrals/acknowledgements'))
    expect(page.status, 422)
    expect_in('There is a problem', page.text_only)
    expect_in('Tick the referrals that you acknowledge', page.text_only)
    expect(page.title.startswith('Error: '), True, page.title)


@case('acknowledging passes over what is hidden and what is absent alike')
def _():
    reference = sent('LADO', confirm=False)
    reply = elsewhere.post('/referrals/acknowledgements', {'referrals': [reference, file_report(practitioner)]})
    expect(reply.json, {'acknowledged': []})
    expect(lead.get('/referrals/' + reference).json['new'], True)
    expect_faults(lead.post('/referrals/acknowledgements', {'referrals': ['nonsense', reference, reference]}),
                  ('/referrals/0', 'not_a_reference'), ('/referrals/2', 'repeated'))


# --- One referral -------------------------------------------------------------------------------------------------------

@case('the page of a referral says why, what happens now and until when, and shows the people')
def _():
    reference = sent('LADO')
    page = lado_pages.get('/referrals/' + reference)
    expect(page.status, 200, 'the page', page)
    for words in ('Why it was proposed', 'The person whose behaviour was reported works or volunteers with children.',
                  'What happens now', 'Due ', 'Child harmed: Adaeze Example', 'Nigerian British', 'Terry Sample', NARRATIVE,
                  'Decide: threshold met', 'Decide: threshold not met', 'Confirm and send'):
        expect_in(words, page.text_only)
    for code in ('TARGET_CHILD', 'B_AFR', 'HAPPENED', 'REFERRED', 'RUNNING', 'MET'):
        expect_not_in(' ' + code + ' ', page.text_only, 'raw codes')


@case('immediate danger stands at the top of the page')
def _():
    incident = file_report(practitioner, immediate_danger=True)
    page = lado_pages.get('/referrals/' + referral_of(lado, incident, 'LADO'))
    expect_in('The report says that somebody is in danger now.', page.text_only)


@case('a referral that is hidden and one that is absent answer alike')
def _():
    incident = file_report(practitioner)
    hidden, pages = referral_of(lead, incident, 'LADO'), Pages('lado.oldquay@example.test')
    absent = incident  # a sound reference, and no referral has it

    def answer(reply):
        return reply.status, re.sub(r'[0-9a-f]{8}-[0-9a-f-]{27}|(RF|UP)-[0-9A-Z-]{9}|value="[^"]*"', '', reply.text)

    for path in ('/referrals/%s', '/referrals/%s/transitions?transition=close'):
        expect(answer(pages.get(path % hidden)), answer(pages.get(path % absent)), path)
        expect(pages.get(path % hidden).status, 404, path)
    expect(answer(elsewhere.get('/referrals/' + hidden)), answer(elsewhere.get('/referrals/' + absent)))


# --- Steps --------------------------------------------------------------------------------------------------------------

@case('a step is taken by its form: one ticked box, what was typed kept when something is missing')
def _():
    reference = sent('LADO')
    page, form = step_form(lado_pages, reference, 'threshold_met')
    form.set('data/rationale', 'Shamed before the class & told to "go"')
    page = lado_pages.submit(page, form)
    expect(page.status, 422, 'no criterion', page)
    expect_in('There is a problem', page.text_only)
    expect_in('href="#data-criteria"', page.text)
    form = page.form(f'/referrals/{reference}/transitions')
    expect(dict(form.values)['data/rationale'], 'Shamed before the class & told to "go"')
    form.set('data/criteria', 'HARMED')
    page = lado_pages.submit(page, form)
    expect((page.status, page.path), (200, '/referrals/' + reference))
    expect_in('Threshold met', page.text_only)
    expect_in('Behaved in a way that has harmed a child, or may have harmed a child', page.text_only)
    expect_in('Shamed before the class & told to "go"', page.text_only)


@case('a question that depends on an answer is asked for, and only then')
def _():
    reference = sent('LADO')
    expect(take(lado, reference, 'threshold_met', MET).status, 200)
    page, form = step_form(lado_pages, reference, 'record_outcome')
    expect_in('Only if you answered ‘Malicious’ or ‘False’ to ‘What is the outcome?’', page.text_only)
    form.set('data/outcome', 'FALSE').set('data/racism_finding', 'ESTABLISHED').set('data/rationale', 'Because.')
    page = lado_pages.submit(page, form)
    expect(page.status, 422)
    expect(re.findall(r'href="#(data-[^"]*)"', page.text), ['data-deception_evidence', 'data-second_sign_off', 'data-finding_decider'])
    form = page.form(f'/referrals/{reference}/transitions')
    form.set('data/outcome', 'SUBSTANTIATED').set('data/finding_decider', 'EMPLOYER')
    form.set('data/deception_evidence', 'typed and then not asked for any more')
    expect(lado_pages.submit(page, form).status, 200)
    body = lado.get('/referrals/' + reference).json
    expect(body['state'], 'OUTCOME_RECORDED')
    expect_not_in('deception_evidence', body['history'][0]['texts'])


@case('a step that somebody else made impossible shows what was typed and where it stands now')
def _():
    reference = sent('LADO')
    page, form = step_form(lado_pages, reference, 'threshold_not_met')
    expect(take(lado, reference, 'threshold_met', MET).status, 200)
    form.set('data/disposal', 'NFA').set('data/rationale', 'A long thought that must not be lost')
    page = lado_pages.submit(page, form)
    expect(page.status, 412)
    expect_in('Somebody changed this while you were writing', page.text_only)
    expect_in('It now stands at: Threshold met', page.text_only)
    expect_in('A long thought that must not be lost', page.text_only)


@case('a step that is still possible after a change keeps its form and can be sent again')
def _():
    reference = sent('MASH')
    page, form = step_form(manager_pages, reference, 'decide')
    expect(take(screener, reference, 'screen', {'rag': 'RED', 'rationale': 'Today.'}).status, 200)
    form.set('data/decision', 'S47_STRATEGY').set('data/need_level', 'CHILD_PROTECTION')
    form.set('data/rationale', 'A long thought').set('data/feedback', 'We are acting.')
    page = manager_pages.submit(page, form)
    expect(page.status, 412)
    expect_in('Somebody changed this while you were writing', page.text_only)
    expect_in('It now stands at: Screened', page.text_only)
    again = page.form(f'/referrals/{reference}/transitions')
    kept = dict(again.values)
    expect((kept['data/rationale'], kept['data/decision']), ('A long thought', 'S47_STRATEGY'))
    expect(manager_pages.submit(page, again).status, 200)
    expect(manager.get('/referrals/' + reference).json['state'], 'DECIDED')


@case('when a step happened is a day and a time in the past, and the clock counts by it')
def _():
    reference = sent('LADO')
    page, form = step_form(lado_pages, reference, 'threshold_met')
    form.set('data/criteria', 'HARMED').set('data/rationale', 'Because.')
    form.set('happened_at-day', '1').set('happened_at-month', '2').set('happened_at-year', '2030').set('happened_at-time', '9:30')
    page = lado_pages.submit(page, form)
    expect(page.status, 422)
    expect_in('When it happened must be today or in the past', page.text_only)
    expect_in('href="#happened_at-day"', page.text)
    form = page.form(f'/referrals/{reference}/transitions')
    form.set('happened_at-time')
    expect_in('like 27 3 2026 and 14:30', lado_pages.submit(page, form).text_only)


@case('a step that the definition does not allow is a conflict, as JSON and as a page')
def _():
    reference = sent('LADO')
    etag = lado.get('/referrals/' + reference).header('ETag')
    body = {'transition': 'close', 'data': {'ethnicity_culture_considered': 'yes'}}
    expect_problem(lado.post(f'/referrals/{reference}/transitions', body, headers={'If-Match': etag}), 409)
    expect(lado_pages.get(f'/referrals/{reference}/transitions?transition=close').status, 409)
    expect(lado_pages.get(f'/referrals/{reference}/transitions?transition=nonsuch').status, 409)


@case('a step needs If-Match, and a stale one is refused')
def _():
    reference = sent('LADO')
    body = {'transition': 'threshold_met', 'data': MET}
    expect_problem(lado.post(f'/referrals/{reference}/transitions', body), 428)
    expect_problem(lado.post(f'/referrals/{reference}/transitions', body, headers={'If-Match': '"77"'}), 412)
    expect(take(lado, reference, 'threshold_met', MET).status, 200)


@case('every fault of a step is named with its pointer')
def _():
    reference = sent('LADO')
    faults = take(lado, reference, 'threshold_met', {'criteria': ['HARMED', 'NONSUCH'], 'mood': 'bad'})
    expect_faults(faults, ('/data/criteria/1', 'unknown_code'), ('/data/mood', 'unknown_member'), ('/data/rationale', 'required'))


@case('both pathways run from the report to the end, by forms alone')
def _():
    incident = file_report(practitioner)
    for pathway, pages, steps in (
            ('LADO', lado_pages, (('threshold_met', {'data/criteria': 'SUITABILITY', 'data/rationale': 'Why'}),
                                  ('record_outcome', {'data/outcome': 'SUBSTANTIATED', 'data/racism_finding': 'ESTABLISHED',
                                                      'data/finding_decider': 'EMPLOYER', 'data/rationale': 'Why'}),
                                  ('close', {'data/ethnicity_culture_considered': 'With her family.'}))),
            ('MASH', manager_pages, (('decide', {'data/decision': 'S17_ASSESS', 'data/need_level': 'CHILD_IN_NEED',
                                                 'data/rationale': 'Why', 'data/feedback': 'Thank you.'}),
                                     ('close', {'data/ethnicity_culture_considered': 'With her family.'})))):
        reference = referral_of(lead, incident, pathway)
        page, form = step_form(lead_pages, reference, 'confirm')
        expect(lead_pages.submit(page, form).status, 200, 'confirming')
        for transition, answers in steps:
            page, form = step_form(pages, reference, transition)
            for name, value in answers.items():
                form.set(name, value)
            page = pages.submit(page, form)
            expect(page.status, 200, pathway + ' ' + transition, page)
        expect_in('Closed', page.text_only)
        expect_in('With her family.', page.text_only)


run()
