#!/usr/bin/env python3
"""A conflict of interest, declared over HTTP: what the page says beforehand, who reads the reason, and that nothing of the case
is left to whoever declared it."""
from client import Api, Pages, case, expect, expect_faults, expect_in, expect_not_in, expect_problem, run
from report import all_items, file_report, referral_of, take

practitioner = Api('practitioner@example.test')
lead, deputy, lado, intake = (Api(who + '@example.test') for who in ('lead', 'lead.deputy', 'lado', 'intake'))
lead_pages, lado_pages = Pages('lead@example.test'), Pages('lado@example.test')
WHY = 'My sister teaches the child.'


def declare(api, incident, reason=WHY):
    return api.post('/incidents/%s/conflict' % incident, {'reason': reason})


def sent_to_lado():
    incident = file_report(practitioner)
    referral = referral_of(lead, incident, 'LADO')
    expect(take(lead, referral, 'confirm').status, 200, 'confirming')
    return incident, referral


@case('the case and its referral lead to the page by a plain link, for those who work on it')
def _():
    incident, referral = sent_to_lado()
    for pages, path in ((lead_pages, '/incidents/' + incident), (lado_pages, '/incidents/' + incident), (lado_pages, '/referrals/' + referral)):
        expect_in('/incidents/%s/conflict' % incident, pages.get(path).links, path)
    expect_not_in('/conflict', Pages('practitioner@example.test').get('/incidents/' + incident).text, 'the reporter has nothing to step back from')


@case('the page says what will happen before anything does, and asks for the reason')
def _():
    incident = file_report(practitioner)
    page = lead_pages.get('/incidents/%s/conflict' % incident)
    expect(page.status, 200, 'the page', page)
    for words in ('you will no longer see this case anywhere', 'you cannot undo this', 'somebody else who is free takes it',
                  'colleagues of your team who work on it can read them'):
        expect_in(words, page.text_only)
    refused = lead_pages.submit(page, page.form('/incidents/%s/conflict' % incident))
    expect(refused.status, 422, 'without a reason', refused)
    expect_in('There is a problem', refused.text_only)
    expect_in('you cannot undo this', refused.text_only, 'the page is whole')
    expect(lead.get('/incidents/' + incident).status, 200, 'nothing has happened')


@case('by form: the case is gone for whoever declared it, and a colleague reads who stepped back and why')
def _():
    incident, _ = sent_to_lado()
    page = lead_pages.get('/incidents/%s/conflict' % incident)
    form = page.form('/incidents/%s/conflict' % incident)
    form.set('reason', WHY)
    done = lead_pages.submit(page, form)
    expect((done.status, done.path), (200, '/referrals'), 'back in the queue', done)
    for path in ('', '/chronology', '/conflict', '/additions'):
        expect(lead_pages.get('/incidents/%s%s' % (incident, path)).status, 404, path)
    said = [item for item in deputy.get('/incidents/%s/chronology' % incident).json['items'] if item['kind'] == 'CONFLICT']
    expect([(item['text'], bool(item['by'])) for item in said], [(WHY, True)], 'the other lead reads it')
    expect_in(WHY, Pages('lead.deputy@example.test').get('/incidents/%s/chronology' % incident).text_only)
    for other in (lado, practitioner):
        expect_not_in(WHY, other.get('/incidents/%s/chronology' % incident).text, 'neither the desk nor the reporter does')


@case('in the API: a receipt, and from then on 404 everywhere')
def _():
    incident, referral = sent_to_lado()
    expect_faults(lado.post('/incidents/%s/conflict' % incident, {}), ('/reason', 'required'))
    reply = declare(lado, incident)
    expect((reply.status, reply.json['incident'], len(reply.json['receipt']['leaf'])), (200, incident, 64), 'declaring', reply)
    for path in ('/incidents/' + incident, '/incidents/%s/chronology' % incident, '/referrals/' + referral):
        expect_problem(lado.get(path), 404, 'not_found')
    expect_problem(declare(lado, incident), 404, 'not_found')
    expect_problem(lado.post('/referrals/%s/transitions' % referral, {'transition': 'threshold_met', 'data': {}}, headers={'If-Match': '"1"'}),
                   404, 'not_found')
    for listed in ('/incidents?limit=200', '/referrals?limit=200'):
        expect_not_in(incident, [item.get('incident', item['reference']) for item in all_items(lado, listed)])


@case('a desk that nobody free is left at hands the referral to the intake, which can send it on')
def _():
    incident, referral = sent_to_lado()
    expect(declare(lado, incident).status, 200)
    found = intake.get('/referrals/' + referral).json
    expect([step['transition'] for step in found['transitions']], ['send_on'])
    expect_in(referral, [item['reference'] for item in all_items(intake, '/referrals?due=NEW&limit=200')])
    reply = take(intake, referral, 'send_on', {'area': 'X01', 'reason': 'The officer here may not take it.'})
    expect(reply.status, 200, 'sending it on', reply)
    expect(Api('lado.oldquay@example.test').get('/referrals/' + referral).status, 200, 'another officer has it')


@case('with no lead free the proposals go to their desks as a step that Upstander took')
def _():
    incident = file_report(practitioner)
    expect(declare(lead, incident).status, 200)
    expect(referral_of(lado, incident, 'LADO'), None, 'while one lead is free nothing moves')
    expect(declare(deputy, incident).status, 200)
    found = lado.get('/referrals/' + referral_of(lado, incident, 'LADO')).json
    expect((found['state'], found['history'][0]['transition'], found['history'][0]['by']), ('REFERRED', 'send_past_lead', 'Upstander'))


@case('a reporter who does not work on the case is told that it cannot be done, and keeps their report')
def _():
    incident = file_report(practitioner)
    expect_problem(declare(practitioner, incident), 409, 'conflict')
    expect(practitioner.get('/incidents/' + incident).status, 200)


@case('the last person left is told what to do, and keeps the case until then')
def _():
    incident = file_report(practitioner, people=[])  # the agency's own response: two leads, and the intake behind them
    expect(declare(intake, incident).status, 404, 'the intake has no part in it yet')
    expect(declare(lead, incident).status, 200)
    expect(declare(deputy, incident).status, 200)
    expect(intake.get('/incidents/' + incident).status, 200, 'the intake has it')
    reply = declare(intake, incident)
    expect_faults(reply, ('', 'nobody_else'))
    expect(intake.get('/incidents/' + incident).status, 200, 'and keeps it')
    pages = Pages('intake@example.test')
    page = pages.get('/incidents/%s/conflict' % incident)
    form = page.form('/incidents/%s/conflict' % incident)
    form.set('reason', WHY)
    refused = pages.submit(page, form)
    expect(refused.status, 422, 'by form', refused)
    expect_in('Ask an administrator', refused.text_only)
    expect_in(WHY, refused.text, 'what was typed is kept')


run()
