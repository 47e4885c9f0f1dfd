"""Long lists: a filtered page looks at a bounded part of them, and a walk along `next` finds everything all the same."""
from client import Api, Pages, case, expect, expect_in, expect_not_in, run
from matrix import sql
from report import all_items, file_report, person, report

practitioner, lead, auditor = (Api(who + '@example.test') for who in ('practitioner', 'lead', 'auditor'))
FILLING = 5100  # more than a page looks at


def fill(reference):
    """As many copies of a report, each later than it, sent by the same person and shown to the same lead."""
    sql("""begin;
        set local session_replication_role = replica;
        select set_config('upstander.audit_id', '1', true) \\g /dev/null
        create temporary table copy on commit drop as
        select n, gen_random_uuid() as id from generate_series(1, %d) n;
        -- Later than every report that there is, in the order of their numbers.
        update copy set id = (lpad(to_hex(140737488355328 + n), 12, '0') || '7' || right(replace(id::text, '-', ''), 19))::uuid;
        create temporary table original on commit drop as select * from incident where reference = '%s';
        insert into incident select (jsonb_populate_record(null::incident, to_jsonb(o)
            || jsonb_build_object('id', c.id, 'reference', 'UP-' || lpad((c.n / 10000)::text, 4, '0') || '-' || lpad((c.n %% 10000)::text, 4, '0')))).*
          from original o, copy c;
        insert into incident_code select c.id, 'racism_strand', 'ANTI_BLACK' from copy c;
        insert into case_access (incident_id, unit_id, reason, audit_id)
        select c.id, a.unit_id, a.reason, a.audit_id from case_access a join original o on o.id = a.incident_id, copy c where a.referral_id is null;
        commit;""" % (FILLING, reference))


OLD = file_report(practitioner, strands=['CASTE'])
ALL = {who: len(all_items(api, '/incidents?limit=200')) for who, api in (('practitioner', practitioner), ('lead', lead))}
fill(file_report(practitioner))


@case('a walk along a filtered list finds what lies beyond the part that its first page looked at')
def _():
    for who in (practitioner, lead):
        first = who.get('/incidents?strand=CASTE&limit=200')
        expect(first.status, 200)
        expect_not_in(OLD, first.text)
        expect_in('rel="next"', first.header('Link'))
        expect_in(OLD, [item['reference'] for item in all_items(who, '/incidents?strand=CASTE&limit=200')])


@case('a walk shows every report once, whatever part of the list each page looks at')
def _():
    for name, who in (('practitioner', practitioner), ('lead', lead)):
        for query in ('', '&from=2000-01-01', '&status=IN_PROGRESS', '&status=SUBMITTED', '&pathway=MASH'):
            walked = [item['reference'] for item in all_items(who, '/incidents?limit=200' + query)]
            expect(len(walked), len(set(walked)), f'{name} {query}: twice')
            if not query.startswith(('&status', '&pathway')):
                expect(len(walked), ALL[name] + FILLING + 1, f'{name} {query}: every one')


@case('the page of a part in which nothing fits says so, and leads on')
def _():
    pages = Pages('lead@example.test')
    page = pages.get('/incidents?strand=CASTE')
    expect_in('None among the reports that were looked at so far', page.text_only)
    for _ in range(3):
        following = [link for link in page.links if 'cursor=' in link]
        if OLD in page.text_only:
            break
        expect(len(following), 1, 'a way on')
        page = pages.get(following[0])
    expect_in(OLD, page.text_only)
    expect_not_in('looked at so far', pages.get('/incidents?kind=GOOD_PRACTICE&ref=' + OLD).text_only)


@case('a reporter whom their report names finds it by its pathway, as any reporter')
def _():
    named = report()['people'] + [person('WITNESS', name='Themselves', email='practitioner@example.test')]
    reference = file_report(practitioner, people=named)
    expect(sql("select count(*) from case_exclusion x join incident i on i.id = x.incident_id where i.reference = '%s'" % reference), '1')
    for query, there in (('pathway=LADO', True), ('pathway=MASH', True), ('pathway=AGENCY', False), ('clock=RUNNING', False)):
        found = [item['reference'] for item in all_items(practitioner, '/incidents?limit=200&' + query)]
        expect(reference in found, there, query)


@case('a report about twenty children of twenty authorities opens twenty referrals, and the lead is shown them all')
def _():
    areas = sql('select area from area order by area limit 20').splitlines()
    filed = practitioner.post('/incidents', report(people=[person('TARGET_CHILD', name=f'Child {n}', home_authority=area)
                                                           for n, area in enumerate(areas)]))
    expect(filed.status, 201, 'filing', filed)
    expect(len(filed.json['referrals']), 20, 'told to the reporter')
    queue = [item for item in all_items(lead, '/referrals?limit=200') if item['incident'] == filed.json['reference']]
    expect((len(queue), sorted(item['area'] for item in queue)), (20, sorted(areas)))


def fill_trail():
    """Reading by the practitioner, then as many reports by somebody else: both filters below have thousands of newer events."""
    sql("""begin;
        select set_config('upstander.request', gen_random_uuid()::text, true), set_config('upstander.role', 'REPORTER', true),
               set_config('upstander.account', (select id::text from account where email = 'practitioner@example.test'), true) \\g /dev/null
        select audit_append('VIEW', 'filling', null, false) from generate_series(1, %d) \\g /dev/null
        select set_config('upstander.account', (select id::text from account where email = 'lead@example.test'), true) \\g /dev/null
        select audit_append('CREATE', 'filling', null, false) from generate_series(1, %d) \\g /dev/null
        commit;""" % (FILLING, FILLING))


@case('the audit trail by two filters with thousands of events each goes on to the few that fit both')
def _():
    actor = sql("select id from account where email = 'practitioner@example.test'")
    query = f'/audit/events?actor={actor}&action=CREATE&limit=200'
    before = [event['leaf'] for event in all_items(auditor, query)]
    expect(len(before) > 0, True)
    fill_trail()
    expect(auditor.get(query).json['items'], [], 'the first page')
    expect([event['leaf'] for event in all_items(auditor, query)], before)
    pages = Pages('auditor@example.test')
    page = pages.get(query)
    expect_in('No event fits among those that were looked at so far', page.text_only)
    expect(len([link for link in page.links if 'cursor=' in link]), 1, 'a way on')


run()
