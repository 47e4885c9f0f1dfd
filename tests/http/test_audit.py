"""The audit trail as the auditor reads it."""
import re

from client import Api, Pages, case, expect, expect_in, expect_not_in, expect_problem, run
from report import all_items, file_report, referral_of, take

EVENTS = '/audit/events'
auditor, practitioner, lead, lado = (Api(who + '@example.test') for who in ('auditor', 'practitioner', 'lead', 'lado'))
elsewhere = Api('lado.oldquay@example.test')
pages = Pages('auditor@example.test')


def events(query):
    return all_items(auditor, EVENTS + '?limit=200&' + query)


def worked_case():
    """A report that was confirmed, read and decided on: (its reference, its LADO referral)."""
    incident = file_report(practitioner)
    reference = referral_of(lead, incident, 'LADO')
    expect(take(lead, reference, 'confirm').status, 200)
    expect(take(lado, reference, 'threshold_met', {'criteria': ['HARMED'], 'rationale': 'Secret words of a rationale'}).status, 200)
    return incident, reference


@case('everything that was done in a case is listed, newest first, with who did it')
def _():
    incident, _ = worked_case()
    found = events('case=' + incident)
    expect({event['case'] for event in found}, {incident})
    expect([event['at'] for event in found], sorted((event['at'] for event in found), reverse=True))
    expect([event for event in found if 'id' in event], [], 'no running number, in whose gaps a hidden event would show')
    chained = [(event['action'], event['role'], event['case_n']) for event in reversed(found) if 'case_n' in event]
    expect(chained, [('CREATE', 'REPORTER', 1), ('UPDATE', 'AGENCY_LEAD', 2), ('UPDATE', 'LADO', 3)])
    expect(('VIEW', 'LADO') in [(event['action'], event['role']) for event in found], True, 'reading is an event')


@case('one person’s access to one case')
def _():
    incident, _ = worked_case()
    actor = next(event['actor'] for event in events('case=' + incident) if event['role'] == 'LADO')
    found = events(f'case={incident}&actor={actor}')
    expect({(event['actor'], event['case']) for event in found}, {(actor, incident)})
    page = pages.get(f'{EVENTS}?case={incident}&actor={actor}')
    expect_in('did in case ' + incident, page.text_only)
    whole = pages.get(f'{EVENTS}?case={incident}')
    link = f'/audit/events?case={incident}&amp;actor={actor}'
    expect_in(f'href="{link}"', whole.text, 'a link from the case to it')


@case('events are told in plain words, with the record behind them')
def _():
    incident, _ = worked_case()
    page = pages.get(f'{EVENTS}?case={incident}')
    expect(page.status, 200, 'the page', page)
    for words in ('sent the report', 'took a step of the referral', 'read the referral', 'LADO, ', 'Practitioner, '):
        expect_in(words, page.text_only)
    expect(re.search(r'leaf [0-9a-f]{64}', page.text_only) is not None, True, 'the leaf')


@case('what was written never stands in the trail')
def _():
    incident, _ = worked_case()
    for text in (pages.get(f'{EVENTS}?case={incident}').text, auditor.get(f'{EVENTS}?case={incident}').text):
        for words in ('Secret words', 'Adaeze', 'go back to where'):
            expect_not_in(words, text)


@case('a refusal is an event, and the page marks it')
def _():
    _, reference = worked_case()
    expect_problem(elsewhere.get('/referrals/' + reference), 404)
    refused = events('action=DENY&organisation=oldquay-lado')
    expect(len(refused) > 0, True, 'refusals')
    expect({(event['action'], event['organisation']) for event in refused}, {('DENY', 'oldquay-lado')})
    page = pages.get(EVENTS + '?action=DENY&organisation=oldquay-lado')
    expect_in('Refused asked for a referral or a step that is not there, or not for them', page.text_only)


@case('page after page shows every event once, while new ones arrive')
def _():
    incident, _ = worked_case()
    whole = [event['leaf'] for event in events('case=' + incident)]
    walked = [event['leaf'] for event in all_items(auditor, f'{EVENTS}?limit=2&case={incident}')]
    expect(walked, whole)
    page = pages.get(f'{EVENTS}?limit=2&case={incident}')
    following = [link for link in page.links if 'cursor=' in link]
    expect(len(following), 1)
    expect_in(incident, pages.get(following[0]).text_only)


@case('a day narrows the list, and one without events says so')
def _():
    page = pages.get(EVENTS + '?from=2001-01-01&to=2001-01-02')
    expect_in('No event fits.', page.text_only)
    expect(events('from=2001-01-01&to=2001-01-02'), [])
    expect_problem(auditor.get(EVENTS + '?from=yesterday'), 400)


@case('a case that does not exist has no events')
def _():
    incident, reference = worked_case()
    expect(events('case=' + reference), [], 'a referral is no case')
    expect(len(events('case=' + incident)) > 0, True)


@case('looking at the trail is itself an event')
def _():
    events('action=SEARCH')
    newest = auditor.get(EVENTS + '?limit=1').json['items'][0]
    expect((newest['action'], newest['object'], newest['role']), ('VIEW', 'audit', 'QA_AUDITOR'))


@case('nobody but who may read the trail reads it')
def _():
    for who in ('practitioner', 'lead', 'lado', 'commissioner'):
        expect_problem(Api(who + '@example.test').get(EVENTS), 403)


run()
