-- Filing a report: all that comes of it, at once or not at all.
select no_plan();

-- Everything in one go.
begin;
set local role upstander_serve;
select is(test.sign_in('practitioner', 'INCIDENT_CREATE'), 'ok', 'a practitioner may send a report');
select r.outcome as outcome, r.body as body, r.location as location, r.etag as etag from test.file() r \gset
select is(:'outcome'::text, 'created', 'a report is filed');
select is(:'location'::text, '/incidents/' || (:'body'::json ->> 'reference'), 'the reply says where it is');
select is(:'etag'::text, 'submitted', 'its ETag is its status');
select matches(:'body'::json #>> '{receipt,leaf}', '^[0-9a-f]{64}$', 'the reply carries a receipt');
select is((select json_agg(x ->> 'pathway')::text from json_array_elements(:'body'::json -> 'referrals') x), '["LADO", "MASH"]',
          'a referral is proposed on each pathway that the facts call for');
select is((select string_agg(distinct k, ',' order by k) from json_array_elements(:'body'::json -> 'referrals') x, json_object_keys(x) k),
          'pathway,pathway_name,state_label', 'the reporter is told the pathway and how it stands, no clock, no desk, no reason');
reset role;
select :'body'::json ->> 'reference' as incident \gset
select id as incident_id from incident where reference = :'incident' \gset
select is((select count(*) from incident where id = :'incident_id' and reporter_id = test.account('practitioner')
              and status = 'SUBMITTED' and case_n = 1), 1::bigint, 'the incident is there, the first of its chain');
select is((select count(*) from incident_person where incident_id = :'incident_id'), 2::bigint, 'with its people');
select is((select string_agg(list || ' ' || code, ', ' order by list) from incident_code where incident_id = :'incident_id'),
          'incident_form VERBAL_ABUSE, perceived_by VICTIM, racism_strand ANTI_BLACK', 'and its codes');
select is((select wrapped from data_key where owner_id = :'incident_id'), 'k1.wrapped', 'and its wrapped key');
select is((select string_agg(pathway || ' ' || state || ' ' || n || ' ' || area, ', ' order by pathway) from referral where incident_id = :'incident_id'),
          'LADO PROPOSED 0 X12, MASH PROPOSED 0 X12', 'both referrals stand as proposed');
select is((select count(*) from referral where incident_id = :'incident_id' and unit_id = test.unit('example-school', 'LEAD')
              and new_for_unit and closed_at is null), 2::bigint, 'they wait, new, for the lead of the agency');
select is((select string_agg(f.pathway || ' ' || c.clock || ' ' || (c.due_at = clock_due(i.aware_at, 1, 'WORKING_DAYS')), ', ' order by f.pathway)
             from clock c join referral f on f.id = c.referral_id join incident i on i.id = f.incident_id
            where i.id = :'incident_id' and c.stopped_at is null),
          'LADO REFER true, MASH REFER true', 'the clock of each runs from awareness, one working day');
select is((select bool_and(f.due_at = c.due_at) from clock c join referral f on f.id = c.referral_id where f.incident_id = :'incident_id'), true,
          'each referral is due when its clock is');
select is((select count(*) from outbox o join referral f on f.id = o.referral_id
            where f.incident_id = :'incident_id' and o.kind = 'REFERRAL_WAITING' and o.unit_id = test.unit('example-school', 'LEAD')
              and o.sent_at is null), 2::bigint, 'the lead is to be told of each');
select is((select string_agg(reason || ' ' || coalesce(referral_id::text, 'all'), ', ') from case_access where incident_id = :'incident_id'),
          'LEAD all', 'the case is shown to the lead and to nobody else');
select is((select count(*) from audit_event where case_id = :'incident_id' and action = 'CREATE' and case_n = 1
              and actor = test.account('practitioner')), 1::bigint, 'one event says that it was made');
select is((select count(distinct audit_id) from (select audit_id from incident where id = :'incident_id'
             union all select audit_id from referral where incident_id = :'incident_id'
             union all select c.audit_id from clock c join referral f on f.id = c.referral_id where f.incident_id = :'incident_id'
             union all select e.audit_id from referral_event e join referral f on f.id = e.referral_id where f.incident_id = :'incident_id'
             union all select audit_id from case_access where incident_id = :'incident_id') x), 1::bigint,
          'every row that came of it carries that event');
select is((select encode(leaf, 'hex') from audit_event where case_id = :'incident_id' and case_n = 1), :'body'::json #>> '{receipt,leaf}',
          'the receipt is the leaf of that event');
rollback;

-- Retention runs from the first row.
begin;
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select (test.file('{"youngest_age": 12}')).body::json ->> 'reference' as with_child \gset
select (test.file()).body::json ->> 'reference' as without_child \gset
reset role;
select is((select retention_class || ' ' || (retention_from = (current_date - interval '12 years')::date) || ' '
                  || (retention_due = (retention_from + interval '25 years')::date) || ' ' || legal_hold
             from incident where reference = :'with_child'), 'INCIDENT true true false',
          'a report about a child is kept 25 years from the birth of the youngest');
select is((select retention_due = (retention_from + interval '25 years')::date and retention_from = (submitted_at at time zone 'Europe/London')::date
             from incident where reference = :'without_child'), true, 'without an age it is kept from the day of the report');
select is((select count(*) from referral f join incident i on i.id = f.incident_id
            where i.reference = :'with_child' and f.pathway <> 'LADO' and (f.retention_class, f.retention_from, f.retention_due)
                  is not distinct from (i.retention_class, i.retention_from, i.retention_due)), 1::bigint, 'its referrals are kept as long as it is');
select is((select format('%s %s %s', f.retention_class, f.retention_from = current_date, f.retention_due = (current_date + interval '100 years')::date)
             from referral f where f.reference = test.referral(:'with_child', 'LADO')), 'LADO t t',
          'but for that of a pathway with a class of its own: the LADO''s record of an allegation is kept a hundred years');
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select test.filed('practitioner', jsonb_build_object('people', jsonb_build_array(test.person('TARGET_CHILD', '{"home_authority": "X12"}'),
    test.person('ALLEGED_PERPETRATOR_STAFF', '{"works_with_children": "YES", "workplace_authority": "X12", "age": 44}'),
    test.person('ALLEGED_PERPETRATOR_VOLUNTEER', '{"works_with_children": "YES", "workplace_authority": "X12", "age": 31}')))) as aged \gset
select test.filed('practitioner', jsonb_build_object('people', people)) as adults from (values
    (jsonb_build_array(test.person('TARGET_STAFF'), test.person('WITNESS', '{"age": 30}')))) v(people) \gset
select test.filed('practitioner', jsonb_build_object('people', jsonb_build_array(test.person('TARGET_STAFF'), test.person('SIBLING')))) as sibling \gset
select test.filed('practitioner', '{"people": []}') as nobody \gset
reset role;
select is((select f.retention_due from referral f where f.reference = test.referral(:'aged', 'LADO')), (current_date - interval '31 years' + interval '100 years')::date,
          'from the birth of the youngest whose behaviour was reported, where an age is known');
select is((select format('%s %s', retention_class, retention_due = (current_date + interval '6 years')::date) from incident where reference = :'adults'),
          'INCIDENT_ADULTS t', 'a report that names people and no child is kept six years');
select is((select format('%s %s', f.retention_class, f.retention_due = i.retention_due) from referral f join incident i on i.id = f.incident_id
            where i.reference = :'adults'), 'INCIDENT_ADULTS t', 'and so is what came of it');
select is((select string_agg(distinct retention_class, ',') from incident where reference in (:'sibling', :'nobody')), 'INCIDENT',
          'where a child may be concerned it is kept as for a child');
rollback;

-- The first answer is made of what was just written, every later one of what is read: the two are the same to the letter.
begin;
create function test.file_as(p_members jsonb, p_key text) returns text language plpgsql as $$
begin
    perform test.sign_in('practitioner', 'INCIDENT_CREATE');
    return (test.file(p_members, p_key)).body;
end;
$$;
grant execute on function test.file_as(jsonb, text) to public;
set local role upstander_serve;
select is(test.file_as(members, about), test.file_as(members, about), 'a retry is answered alike: ' || about) from (values
    ('several codes', '{"strands": ["ANTI_BLACK", "ISLAMOPHOBIA"], "levels": ["INTERPERSONAL"], "forms": ["DAMAGE", "VERBAL_ABUSE"]}'::jsonb),
    ('nobody named', '{"people": []}'),
    ('somebody else''s words about ethnicity', jsonb_build_object('people', jsonb_build_array(test.person('TARGET_CHILD',
        '{"ethnicity_list": "ethnicity", "ethnicity": "WBRI", "ethnicity_source": "OBSERVED", "home_authority": "X12", "age": 9, "care_status": "CIN"}')))),
    ('another place and time', '{"occurred_at_organisation": "oldquay-school", "occurred_time": "13:45", "aware_at": "2026-01-15T09:30:00Z", "direction": null}'),
    ('immediate danger', '{"immediate_danger": true}')) v(about, members);
reset role;
rollback;

-- A retry finds the first answer.
begin;
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select r.body as first from test.file('{}', 'key-1') r \gset
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select r.outcome as outcome, r.body as again, r.location as location from test.file('{}', 'key-1') r \gset
select is(:'outcome'::text, 'replayed', 'the same key and body is a replay');
select is(:'again'::text, :'first', 'with the very same answer');
select is(:'location'::text, '/incidents/' || (:'first'::json ->> 'reference'), 'and the same place');
reset role;
select is((select count(*) from incident), 1::bigint, 'there is one report');
set local role upstander_serve;
select r.outcome as outcome, r.body as body from test.file('{"harm": "LIKELY"}', 'key-1', repeat('b', 64)) r \gset
select is(:'outcome' || ' ' || (:'body'::json ->> 'problem'), 'invalid key_reused', 'the same key with another body is refused');
select test.sign_in('practitioner.oldquay', 'INCIDENT_CREATE') \g /dev/null
select is((test.file('{"organisation": "oldquay-school"}', 'key-1')).outcome, 'created', 'somebody else''s key is their own');
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
reset role;
update idempotency set at = at - interval '25 hours' where key = 'key-1';
set local role upstander_serve;
select isnt((test.file('{}', 'key-1')).outcome, 'invalid', 'a key that is past its day but not yet swept is not held against anybody');
reset role;
rollback;

-- Two tries at once.
select test.connect('other') \g /dev/null
select dblink_exec('other', 'begin') \g /dev/null
select * from dblink('other', $$ select test.sign_in('practitioner', 'INCIDENT_CREATE') $$) x(verdict text) \g /dev/null
select is(outcome, 'created', 'the first of two tries at once is on its way')
  from dblink('other', $$ select (test.file('{}', 'key-2')).outcome $$) x(outcome text);
begin;
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select is((test.file('{}', 'key-2')).outcome, 'in_progress', 'the second is told so at once and does not wait');
commit;
select dblink_exec('other', 'commit') \g /dev/null
begin;
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select is((test.file('{}', 'key-2')).outcome, 'replayed', 'and later finds the first one''s answer');
commit;
select dblink_exec('other', 'begin') \g /dev/null
select * from dblink('other', $$ select test.sign_in('practitioner', 'INCIDENT_CREATE') $$) x(verdict text) \g /dev/null
select * from dblink('other', $$ select (test.file('{}', 'key-3')).outcome $$) x(outcome text) \g /dev/null
select dblink_exec('other', 'rollback') \g /dev/null
begin;
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select is((test.file('{}', 'key-3')).outcome, 'created', 'a try that was rolled back leaves its key free');
rollback;

-- Who is named in a report does not see it.
begin;
insert into account_index (account_id, kind, value)
select test.account(name), kind, md5(value) from (values
    ('lead', 'NAME', 'lee name'), ('lead', 'NAME_BIRTH', 'lee name 1980'), ('lead', 'EMAIL', 'lee mail'),
    ('deputy', 'NAME', 'dee name'), ('deputy', 'NAME_ENDS', 'dee ends'), ('deputy', 'NAME_ENDS', 'd ends'), ('deputy', 'NAME_BIRTH', 'dee name 1981'),
    ('practitioner', 'NAME', 'pat name'), ('mash', 'EMAIL', 'mash mail')) v(name, kind, value);
create function test.named(p_members jsonb) returns jsonb language plpgsql as $$
begin
    return jsonb_build_object('people', (select jsonb_agg(test.person('WITNESS', m)) from jsonb_array_elements(p_members) m)
        || test.person('TARGET_CHILD', '{"home_authority": "X12"}'));
end;
$$;
create function test.excluded(p_incident text) returns text language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    return (select string_agg(replace(a.email, '@example.test', '') || ' ' || x.ground, ', ' order by a.email, x.ground)
              from case_exclusion x join incident i on i.id = x.incident_id join account a on a.id = x.account_id
             where i.reference = p_incident and x.cleared_at is null);
end;
$$;
grant execute on function test.named(jsonb), test.excluded(text) to public;
set local role upstander_serve;
select is(test.excluded(test.filed('practitioner', test.named(jsonb_build_array(members)))), excluded, says)
  from (values
    (jsonb_build_object('name_birth_index', md5('lee name 1980'), 'name_index', md5('lee name')), 'lead IDENTITY, lead NAME',
     'a name with its birth date excludes for good'),
    (jsonb_build_object('email_index', md5('mash mail')), 'mash IDENTITY', 'an e-mail address excludes for good'),
    (jsonb_build_object('name_index', md5('dee name')), 'deputy NAME', 'a name alone excludes until it is cleared'),
    (jsonb_build_object('name_index', md5('dee name'), 'name_birth_index', md5('dee name 1999')), 'deputy NAME',
     'so does a name with another birth date'),
    (jsonb_build_object('name_index', md5('another writing'), 'name_ends_index', md5('dee ends')), 'deputy NAME', 'so do the first and last name alone'),
    (jsonb_build_object('name_index', md5('dee name'), 'name_ends_index', md5('d ends')), 'deputy NAME', 'an initial too, and both together once'),
    (jsonb_build_object('name_index', md5('pat name')), 'practitioner NAME', 'the reporter who is named is no exception'),
    (jsonb_build_object('name_index', md5('somebody else')), null, 'others are not concerned')) v(members, excluded, says);

select test.filed('practitioner', test.named(jsonb_build_array(jsonb_build_object('name_index', md5('lee name'))))) as incident \gset
select test.referral(:'incident', 'MASH') as referral \gset
select test.sign_in('lead') \g /dev/null
select is((incident_get(:'incident')).outcome || (referral_get(:'referral')).outcome, 'absentabsent', 'a lead who is named finds nothing');
select test.sign_in('deputy') \g /dev/null
select is((incident_get(:'incident')).outcome || (referral_get(:'referral')).outcome, 'okok', 'the alternate has it');
select is((select state || ' ' || n from referral where reference = :'referral'), 'PROPOSED 0', 'and decides');

select test.filed('practitioner', test.named(jsonb_build_array(jsonb_build_object('name_index', md5('lee name')),
                                                              jsonb_build_object('name_index', md5('dee name'))))) as incident \gset
select test.referral(:'incident', 'MASH') as referral \gset
reset role;
select is((select f.state || ' ' || e.transition || ' ' || (f.unit_id = test.unit('harbourside-mash', 'MASH'))
             from referral f join referral_event e on e.referral_id = f.id and e.n = f.n where f.reference = :'referral'),
          'CONTACT send_past_lead true', 'with every lead named, it goes straight to the receiving desk');
select is((select string_agg(c.clock || ' ' || clock_status(c.due_at, c.stopped_at, null, false, now()), ', ' order by c.clock)
             from clock c join referral f on f.id = c.referral_id where f.reference = :'referral'),
          'DECISION RUNNING, REFER MET', 'and the desk''s clock runs');
select is((select string_agg(o.kind || ' ' || (o.unit_id = test.unit('harbourside-mash', 'MASH')), ', ') from outbox o join referral f on f.id = o.referral_id
            where f.reference = :'referral'), 'REFERRAL_WAITING true', 'the desk is told, the lead is not');
rollback;

-- A lead who reports and is named has the reporter's view of it and decides nothing.
begin;
insert into account_index (account_id, kind, value) values (test.account('lead'), 'EMAIL', md5('lee mail'));
insert into role_grant (id, account_id, role, organisation_id, confirmed_at, audit_id)
select gen_random_uuid(), test.account('lead'), 'REPORTER', test.organisation('example-school'), now(), 0
  from (select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('CREATE', 'test', null, false) offset 0) x;
set local role upstander_serve;
select test.filed('lead', jsonb_build_object('immediate_danger', false, 'people', jsonb_build_array(
    test.person('TARGET_CHILD', '{"home_authority": "X12"}'),
    test.person('ALLEGED_PERPETRATOR_STAFF', jsonb_build_object('works_with_children', 'YES', 'workplace_authority', 'X12',
                                                               'email_index', md5('lee mail')))))) as incident \gset
select test.referral(:'incident', 'LADO') as lado \gset
select test.sign_in('lead', 'INCIDENT_READ') \g /dev/null
select r.outcome as outcome, r.body as body from incident_get(:'incident') r \gset
select is(:'outcome' || ' ' || (:'body'::json ->> 'worked') || ' ' || (:'body'::json ->> 'mine') || ' ' || json_array_length(:'body'::json -> 'people'),
          'ok false true 2', 'a lead who reported a case that names them reads it as its reporter');
select is((select string_agg(concat_ws(' ', x ->> 'pathway', x ->> 'reference', x ->> 'state_label'), ', ') from json_array_elements(:'body'::json -> 'referrals') x),
          'LADO Your safeguarding lead is looking at this, MASH Your safeguarding lead is looking at this', 'and is told how it stands, as any reporter');
select is((select count(*) from referral f join incident i on i.id = f.incident_id where i.reference = :'incident'), 0::bigint, 'no row of its referrals is theirs');
select is((referral_get(:'lado')).outcome || ' ' || (referral_step_page(:'lado', 'decline')).outcome, 'absent absent', 'they have no page of its referrals');
select is(strpos((referral_list(null, null, null, null, null, null, 50)).body, :'incident'), 0, 'and nothing of it is in their queue');
select is((test.step('lead', :'lado', 'decline')).outcome, 'absent', 'they cannot decline it');
select test.sign_in('lead', 'INCIDENT_ADD') \g /dev/null
select is((incident_add(test.new_id(), :'incident', null, repeat('a', 64), 's1.more')).outcome, 'created', 'they can add to it');
select test.sign_in('deputy') \g /dev/null
select is((referral_get(:'lado')).outcome, 'ok', 'and the alternate decides');
rollback;

-- A desk where nobody may know of the case is passed by: at once, and when the lead sends it.
begin;
insert into account_index (account_id, kind, value) values
    (test.account('mash'), 'EMAIL', md5('mash mail')), (test.account('mash.manager'), 'EMAIL', md5('manager mail'));
set local role upstander_serve;
select test.filed('practitioner', jsonb_build_object('immediate_danger', danger, 'people', jsonb_build_array(
    test.person('TARGET_CHILD', '{"home_authority": "X12"}'), test.person('WITNESS', jsonb_build_object('email_index', md5('mash mail'))),
    test.person('WITNESS', jsonb_build_object('email_index', md5('manager mail')))))) as incident, danger
  from (values (true)) v(danger) \gset once_
select test.filed('practitioner', jsonb_build_object('people', jsonb_build_array(
    test.person('TARGET_CHILD', '{"home_authority": "X12"}'), test.person('WITNESS', jsonb_build_object('email_index', md5('mash mail'))),
    test.person('WITNESS', jsonb_build_object('email_index', md5('manager mail')))))) as incident \gset later_
select test.step('lead', test.referral(:'later_incident', 'MASH'), 'confirm') \g /dev/null
reset role;
select is((select format('%s %s %s', f.state, f.unit_id = test.unit('partnership', 'INTAKE'), f.because ~ 'harmed. It was sent past the desk.$|now. A child.*It was sent past the desk.$')
             from referral f where f.reference = test.referral(incident, 'MASH')), 'CONTACT t t', 'it goes to the intake, which is told no more than that')
  from (values (:'once_incident'), (:'later_incident')) v(incident);
set local role upstander_serve;
select is((referral_get(test.referral(:'later_incident', 'MASH'))).outcome, 'ok', 'the intake has it') from (select test.sign_in('intake') offset 0) s;
rollback;

-- Somebody is in danger and no other pathway fits: the agency is told at once, and so is the intake.
begin;
set local role upstander_serve;
select test.filed('practitioner', jsonb_build_object('immediate_danger', true, 'people', jsonb_build_array(test.person('TARGET_STAFF')))) as incident \gset
reset role;
select is((select string_agg(u.capability, ',' order by u.capability) from outbox x join referral f on f.id = x.referral_id join unit u on u.id = x.unit_id
            where f.reference = test.referral(:'incident', 'AGENCY')), 'INTAKE,LEAD', 'the lead and the intake are told');
set local role upstander_serve;
select is((referral_get(test.referral(:'incident', 'AGENCY'))).outcome, 'ok', format('%s has it', name))
  from unnest(array['lead', 'intake']) name, lateral (select test.sign_in(name)) s;
rollback;

-- Immediate danger does not wait for the lead.
begin;
set local role upstander_serve;
select test.filed('practitioner', '{"immediate_danger": true, "harm": "NONE_KNOWN"}') as incident \gset
reset role;
select is((select string_agg(f.pathway || ' ' || f.state || ' ' || e.transition || ' ' || (f.unit_id = f.desk_unit_id), ', ' order by f.pathway)
             from referral f join referral_event e on e.referral_id = f.id and e.n = f.n join incident i on i.id = f.incident_id
            where i.reference = :'incident'), 'LADO REFERRED send_at_once true, MASH CONTACT send_at_once true',
          'immediate danger goes to the receiving desks at once');
select is((select count(*) from case_access a join incident i on i.id = a.incident_id where i.reference = :'incident' and a.reason = 'LEAD'), 1::bigint,
          'and the lead sees it all the same');
select is((select bool_and(f.due_at = c.due_at and c.clock <> 'REFER') from clock c join referral f on f.id = c.referral_id
             join incident i on i.id = f.incident_id where i.reference = :'incident' and c.stopped_at is null), true,
          'each is due when the desk''s clock is');
set local role upstander_serve;
select test.sign_in('mash') \g /dev/null
select is((incident_get(:'incident')).outcome, 'ok', 'the front door has the case');
rollback;

-- What is refused leaves nothing behind.
create view test.rows_of_cases as
    select 'incident' as t, count(*) as n from incident union all select 'data_key', count(*) from data_key
    union all select 'incident_person', count(*) from incident_person union all select 'incident_code', count(*) from incident_code
    union all select 'referral', count(*) from referral union all select 'referral_event', count(*) from referral_event
    union all select 'clock', count(*) from clock union all select 'case_access', count(*) from case_access
    union all select 'outbox', count(*) from outbox union all select 'idempotency', count(*) from idempotency
    union all select 'audit_event', count(*) from audit_event;
begin;
set local role upstander_serve;
select test.filed('practitioner') as before \gset
reset role;
select string_agg(t || ' ' || n, ', ' order by t) as rows from test.rows_of_cases \gset
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select is((r).outcome || ' ' || ((r).body::json #>> path::text[]), said, says)
  from (values
    ('{"setting": "NOWHERE"}'::jsonb, '{constraint}', 'invalid incident_setting_known', 'an unknown setting is refused by name'),
    ('{"occurred_in": "E00000000"}', '{constraint}', 'invalid incident_occurred_in_known', 'an unknown authority is refused by name'),
    ('{"strands": ["NO_SUCH"]}', '{constraint}', 'invalid incident_code_known', 'an unknown strand is refused by name'),
    ('{"direction": "SIDEWAYS"}', '{constraint}', 'invalid incident_direction_known', 'an unknown direction is refused by name'),
    (jsonb_build_object('aware_at', now() + interval '2 hours'), '{constraint}', 'invalid incident_aware_not_later',
     'one cannot be aware in the future'),
    (jsonb_build_object('people', jsonb_build_array(test.person('NOBODY'))), '{constraint}', 'invalid incident_person_role_known',
     'an unknown part is refused by name'),
    (jsonb_build_object('people', jsonb_build_array(test.person('WITNESS', '{"ethnicity_source": "SELF"}'))), '{constraint}',
     'invalid incident_person_missing_has_no_source', 'nobody can be the source of an answer that is missing'),
    ('{"spare": []}', '{sqlstate}', 'invalid 23502', 'referrals without identifiers are refused'),
    ('{"aware_at": "2005-06-01T10:00:00Z"}', '{errors,0,code}', 'invalid outside_calendar', 'a time before the calendar is refused'),
    ('{"organisation": "oldquay-school"}', '{errors,0,code}', 'invalid not_yours', 'nobody reports for another organisation'),
    ('{"occurred_at_organisation": "atlantis"}', '{errors,0,code}', 'invalid unknown_organisation', 'an unknown organisation is refused')
    ) v(members, path, said, says), lateral (select test.file(members, 'key ' || said) as r offset 0) f;
reset role;
select is((select string_agg(t || ' ' || n, ', ' order by t) from test.rows_of_cases), :'rows', 'a refused report leaves no row of any kind');
set local role upstander_serve;
select test.filed('practitioner') as after \gset
reset role;
select is((select count(*) from audit_event a, audit_event b where b.stream = a.stream and b.stream_n = a.stream_n + 1
              and a.case_id = (select id from incident where reference = :'before')
              and b.case_id = (select id from incident where reference = :'after')), 1::bigint,
          'and no gap in the numbering of the connection''s events');
rollback;
select * from finish();
