"""Reports for the tests: facts that propose both pathways, and the way from a report to its referrals."""
from client import expect

NARRATIVE = 'A member of staff told a pupil to go back to where she came from.'


def person(role, **more):
    return {'role': role, **more}


def report(**changes):
    """A report from example-school of a member of staff who harmed a child: LADO and MASH are proposed for Harbourside."""
    return {
        'kind': 'INCIDENT', 'organisation': 'example-school', 'occurred_precision': 'APPROXIMATE', 'harm': 'HAPPENED',
        'suspected_offence': 'UNSURE', 'immediate_danger': False, 'narrative': NARRATIVE, 'strands': ['ANTI_BLACK'],
        'perceived_by': ['VICTIM', 'PARENT_CARER'],
        'people': [person('TARGET_CHILD', name='Adaeze Example', age_estimate=12, home_authority='X12',
                          ethnicity={'code': 'B_AFR', 'self_described': 'Nigerian British', 'source': 'SELF'}),
                   person('ALLEGED_PERPETRATOR_STAFF', name='Terry Sample', works_with_children='YES',
                          workplace_authority='X12')],
        **changes}


def file_report(api, **changes):
    """Files it; gives the reference of the incident."""
    reply = api.post('/incidents', report(**changes))
    expect(reply.status, 201, 'filing a report', reply)
    return reply.json['reference']


def all_items(api, path):
    """Every item of a list, page by page."""
    items, path = [], path
    while path:
        reply = api.get(path)
        expect(reply.status, 200, 'the list ' + path, reply)
        items += reply.json['items']
        path = reply.json.get('next')
    return items


def referral_of(api, incident, pathway):
    """The reference of the incident's referral on a pathway, as this actor finds it in the queue; None if not at all."""
    found = [item['reference'] for item in all_items(api, '/referrals?limit=200')
             if item['incident'] == incident and item['pathway'] == pathway]
    return found[0] if found else None


def take(api, referral, transition, data=None, **more):
    """Takes a step with the ETag that the referral has now; gives the reply."""
    now = api.get('/referrals/' + referral)
    expect(now.status, 200, 'the referral', now)
    return api.post(f'/referrals/{referral}/transitions', {'transition': transition, 'data': data or {}, **more},
                    headers={'If-Match': now.header('ETag')})
