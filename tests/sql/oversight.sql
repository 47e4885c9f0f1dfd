-- What is read across cases: no single case shows through figures, through the gaps of the audit trail, or through a question about one.
select no_plan();

-- The period of an answer.
select is(scrutiny_period(asked_from::date, asked_to::date, small, '2026-05-20')::text, format('(%s,%s)', day_from, day_to), why) from (values
    ('2026-01-03', '2026-01-04', true, '2026-01-03', '2026-01-04', 'who may see small numbers has the days asked for'),
    ('2026-01-03', '2026-01-04', false, '2026-01-01', '2026-03-31', 'everybody else the whole quarter'),
    ('2025-02-01', '2025-12-31', false, '2025-10-01', '2025-12-31', 'and no more than one'),
    ('2026-05-01', '2026-05-20', false, '2026-01-01', '2026-03-31', 'not the one that is running'),
    (null, null, false, '2026-01-01', '2026-03-31', 'nor by default'),
    (null, '2030-01-01', false, '2026-01-01', '2026-03-31', 'nor one to come'),
    (null, null, true, '2025-05-21', '2026-05-20', 'a year by default')) v(asked_from, asked_to, small, day_from, day_to, why);

-- Who looks: an agency's leader, scrutiny, and the auditor, who may see small numbers.
begin;
select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('CREATE', 'test', null, false) \g /dev/null
insert into account (id, email, name, password) select test.account(name), name || '@example.test', name, 'none' from (values ('leader'), ('scrutiny')) v(name);
insert into role_grant (id, account_id, role, organisation_id, confirmed_at, audit_id) values
    (gen_random_uuid(), test.account('leader'), 'LEADER', test.organisation('example-school'), now(), 0),
    (gen_random_uuid(), test.account('scrutiny'), 'SCRUTINY', test.organisation('partnership'), now(), 0);
insert into session (hash, account_id, kind, expires_at, second_factor)
select test.session(name), test.account(name), 'BEARER', now() + interval '1 day', true from (values ('leader'), ('scrutiny')) v(name);
commit;

create function test.figures(p_name text, p_from date default null, p_to date default null, p_pathway text default null) returns jsonb language plpgsql as $$
begin
    perform test.sign_in(p_name, 'SCRUTINY_OWN');
    return (upstander.scrutiny_response_times(p_from, p_to, null, null, p_pathway)).body::jsonb;
end;
$$;
-- The row of a clock that starts with awareness, at the school.
create function test.figure(p_name text, p_from date default null, p_to date default null) returns jsonb language plpgsql as $$
begin
    return (select item from jsonb_array_elements(test.figures(p_name, p_from, p_to) -> 'items') item
             where item ->> 'organisation' = 'example-school' and item ->> 'pathway' = 'LADO' limit 1);
end;
$$;
create function test.moved(p_from date) returns void language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    perform set_config('upstander.audit_id', '1', true);
    update clock set started_at = p_from + time '12:00', due_at = p_from + 5, stopped_at = null, stopped_entered_at = null;
end;
$$;
revoke execute on function test.moved(date) from public;
select date_trunc('quarter', now() at time zone 'Europe/London')::date - 40 as day \gset

select is(test.figure('leader') ->> 'suppressed', 'true', 'where there was no case, the row stands there, suppressed');
select test.figures('leader') -> 'items' as none \gset
begin;
set local role upstander_serve;
select test.filed('practitioner') from generate_series(1, 4) \g /dev/null
reset role;
select test.moved(:'day') \g /dev/null
commit;
select is(test.figures('leader') -> 'items', :'none'::jsonb, 'four cases read as none');
select is(test.figures('scrutiny', :'day', :'day') -> 'items', test.figures('scrutiny', (:'day'::date - 1), (:'day'::date - 1)) -> 'items',
          'the day of a case reads as the day before it');
select is(test.figure('auditor', :'day', :'day') ->> 'n', '4', 'who may see small numbers sees them');

begin;
set local role upstander_serve;
select test.filed('practitioner') from generate_series(1, 4) \g /dev/null
reset role;
select test.moved(:'day') \g /dev/null
commit;
select is(test.figure('leader') ->> 'n', '8', 'eight cases are a number');
select is(test.figure('leader') ->> 'open_past_due', '8', 'and their part, since there is only one');
create function test.answered(p_count integer) returns void language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    perform set_config('upstander.audit_id', '1', true);
    update clock set stopped_at = due_at - interval '1 hour', stopped_entered_at = now()
     where id in (select min(c.id) from clock c join referral f on f.id = c.referral_id where f.pathway = 'LADO' group by f.id order by 1 limit p_count);
end;
$$;
select test.answered(3) \g /dev/null
select is(test.figure('leader') ->> 'n', '8', 'with three of eight answered the number stands');
select is(test.figure(who) ?| array['on_time', 'late', 'open_past_due', 'running', 'paused', 'median_hours', 'p90_hours'], false,
          'but no part of it, nor a median, for ' || who) from unnest(array['leader', 'scrutiny']) who;
select is(test.figure('auditor', :'day', :'day') ->> 'on_time', '3', 'the auditor reads the three');
select is(test.figures('leader', day.d::date, day.d::date), test.figures('leader'), 'every day of the quarter gives the quarter''s answer')
  from generate_series(:'day'::date - 20, :'day'::date + 20, interval '10 days') day(d);
select is((select string_agg(distinct item ->> 'organisation', ',') from jsonb_array_elements(test.figures('leader') -> 'items') item), 'example-school',
          'a leader has the rows of their own agency alone');

-- The audit trail of somebody who is kept out of a case.
create table test.walked (n serial, item jsonb, location text);
create function test.walk(p_limit integer) returns void language plpgsql as $$
declare
    r upstander.reply;
begin
    loop
        perform test.sign_in('auditor', 'AUDIT_READ');
        r := upstander.audit_list(test.account('practitioner'), null, null, null, null, null, r.location, p_limit);
        insert into test.walked (item, location) select x, r.location from jsonb_array_elements(r.body::jsonb -> 'items') x;
        exit when r.location is null;
    end loop;
end;
$$;
grant all on test.walked, test.walked_n_seq to public;
grant execute on function test.walk(integer) to public;
select id as incident_id, reference from incident order by id limit 1 \gset
select i.id as other_id, i.reference as other from incident i order by id desc limit 1 \gset
begin;
select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('UPDATE', 'test', null, false) \g /dev/null
insert into case_exclusion (incident_id, account_id, ground, audit_id) values (:'incident_id', test.account('auditor'), 'IDENTITY', 0);
commit;
begin;
set local role upstander_serve;
select test.sign_in('auditor', 'AUDIT_READ') \g /dev/null
select is(audit_case_reference(:'incident_id'), null, 'the reference of a case that is hidden from the asker is not told');
select is(audit_case_reference(:'other_id'), :'other', 'that of another is');
select test.walk(3) \g /dev/null
select is((select count(distinct item ->> 'leaf') from test.walked), (select count(*) from test.walked), 'page after page shows no event twice');
select is((select count(*) from test.walked), (select count(*) from audit_event where actor = test.account('practitioner')), 'and leaves none out');
select is((select array_agg(item ->> 'leaf' order by n) from test.walked), (select array_agg(encode(leaf, 'hex') order by id desc) from audit_event
           where actor = test.account('practitioner')), 'newest first');
select is((select count(*) from test.walked where item ? 'id' or location ~ '^[0-9]+$'), 0::bigint, 'no running number is shown, nor does the cursor hold it');
select is((select count(*) from test.walked where item ->> 'case' = :'reference'), 0::bigint, 'the hidden case is not there');
select test.sign_in('auditor', 'AUDIT_READ') \g /dev/null
select is(json_array_length((audit_list(null, null, null, null, current_date + 2, null, null, 50)).body::json -> 'items'), 0, 'no event is of the day after tomorrow');
select is(json_array_length((audit_list(null, null, null, null, null, current_date - 2, null, 50)).body::json -> 'items'), 0, 'none of the day before yesterday');
select cmp_ok(json_array_length((audit_list(null, null, null, null, current_date - 1, current_date + 1, null, 50)).body::json -> 'items'), '>', 20, 'today has some');
select is((select proconfig::text from pg_proc where proname = 'audit_list' and pronamespace = 'upstander'::regnamespace) ~ 'force_custom_plan', true,
          'the trail is planned for the filters given, whatever the connection says');
rollback;

-- A draft that is kept is not recorded as thrown away.
begin;
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select test.new_id() as draft \gset
select draft_start(:'draft', 'incident', 'k1.w', 's1.d') \g /dev/null
reset role;
update draft set legal_hold = true where id = :'draft';
set local role upstander_serve;
select is((draft_remove(:'draft')).outcome, 'conflict', 'a draft under a legal hold is not thrown away');
reset role;
select is((select count(*) from audit_event where action = 'DELETE_DISPOSAL'), 0::bigint, 'and the trail does not say so');
update draft set legal_hold = false where id = :'draft';
set local role upstander_serve;
select is((draft_remove(:'draft')).outcome, 'ok', 'without the hold it is');
reset role;
select is((select count(*) from audit_event where action = 'DELETE_DISPOSAL' and object = 'draft ' || :'draft'), 1::bigint, 'and the trail says so');
rollback;

-- A filtered list reads a bounded piece of each history.
begin;
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_READ') \g /dev/null
select is(incident_list_least('ffffffff-ffff-ffff-ffff-ffffffffffff', 3, true), (select id from incident order by id desc offset 2 limit 1), 'as far back as was asked');
select is(incident_list_least('ffffffff-ffff-ffff-ffff-ffffffffffff', 5000, true), null, 'and to the beginning where there is less');
select is(incident_list_least('ffffffff-ffff-ffff-ffff-ffffffffffff', 3, false), null, 'leaving out what one sent where that is not asked about');
select is((incident_list(null, null, null, null, :'other', null, null, null, 50)).body::json #>> '{items,0,reference}', :'other', 'a reference is found');
select is(json_array_length((incident_list(null, null, null, null, 'UP-ABSENT', null, null, null, 50)).body::json -> 'items'), 0, 'an absent one is not');
rollback;
select * from finish();
