-- Who sees what of a case: row level security and the representations, as the server's own role.
select no_plan();

-- A case of Harbourside that stands with both desks, one with neither, one of Old Quay; and one that names the lead and
-- the screener. Everything that a case can have is there.
insert into account_index (account_id, kind, value) values
    (test.account('lead'), 'EMAIL', md5('lead mail')), (test.account('mash'), 'EMAIL', md5('mash mail'));
begin;
set local role upstander_serve;
select test.filed('practitioner') as both \gset
select test.referral(:'both', 'LADO') as lado, test.referral(:'both', 'MASH') as mash \gset
select test.step('lead', :'lado', 'confirm') \g /dev/null
select test.step('lead', :'mash', 'confirm') \g /dev/null
select test.filed('practitioner') as proposed \gset
select test.referral(:'proposed', 'MASH') as proposed_mash \gset
select test.filed('practitioner.oldquay', '{"organisation": "oldquay-school"}') as oldquay \gset
select test.filed('practitioner', jsonb_build_object('immediate_danger', true, 'people', jsonb_build_array(
    test.person('TARGET_CHILD', '{"home_authority": "X12"}'), test.person('WITNESS', jsonb_build_object('email_index', md5('lead mail'))),
    test.person('WITNESS', jsonb_build_object('email_index', md5('mash mail')))))) as naming \gset
select test.referral(:'naming', 'MASH') as naming_mash \gset
select test.sign_in('practitioner', 'INCIDENT_ADD') \g /dev/null
select incident_add(test.new_id(), :'both', 'key-add', repeat('a', 64), 's1.addition') \g /dev/null
-- What a desk adds is its own: no other desk, and not the lead, learns of it.
select test.sign_in('lado', 'INCIDENT_ADD') \g /dev/null
select incident_add(test.new_id(), :'both', 'key-add', repeat('a', 64), 's1.of the desk') \g /dev/null
select test.sign_in('practitioner', 'INCIDENT_ADD') \g /dev/null
insert into draft (id, account_id, form, wrapped, sealed, incident_key, retention_due)
values (test.new_id(), actor(), 'incident', 'k1.w', 's1.draft', 'key-draft', current_date + 90);
commit;

-- The rows of a table that the caller sees; none where they may not even look.
create function test.rows_seen(p_table text) returns bigint language plpgsql as $$
declare
    v_count bigint;
begin
    execute format('select count(*) from upstander.%I', p_table) into v_count;
    return v_count;
exception when insufficient_privilege then
    return 0;
end;
$$;
-- What everybody may read: definitions and reference data.
create view test.of_cases as
    select c.relname as name from pg_class c
     where c.relnamespace = 'upstander'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
       and c.relname <> all (array['code_list', 'code', 'area', 'holiday', 'working_day', 'site', 'capability', 'permission', 'role',
                                   'role_permission', 'retention_class', 'pathway', 'pathway_version', 'pathway_state', 'pathway_transition',
                                   'pathway_transition_role', 'pathway_clock', 'pathway_clock_stop', 'pathway_rule', 'desk', 'organisation',
                                   'unit', 'schema_version']);
create function test.rows_of(p_table text) returns bigint language plpgsql security definer as $$
begin
    return test.rows_seen(p_table);
end;
$$;
grant select on test.of_cases to public;
grant execute on function test.rows_seen(text), test.rows_of(text) to public;

begin;
set local role upstander_serve;
select is(test.rows_seen(name), 0::bigint, format('without a context the server sees none of the %s rows of %s', test.rows_of(name), name))
  from test.of_cases order by name;
select cmp_ok((select count(*) from test.of_cases where test.rows_of(name) > 0), '>=', 15::bigint, 'and most of those tables have rows');
select test.sign_in('nobody') \g /dev/null
select is((select string_agg(name, ', ') from test.of_cases where test.rows_seen(name) > 0), null, 'nor after a context that was refused');
select test.sign_in('lead', 'AUDIT_READ') \g /dev/null
select is((select string_agg(name, ', ') from test.of_cases where test.rows_seen(name) > 0), null, 'nor after one whose role was not enough');
select test.sign_in('lado') \g /dev/null
select cmp_ok(test.rows_seen('incident'), '>', 0::bigint, 'a context that was granted shows rows');
select * from access_context_anyone(gen_random_uuid()::text, null) \g /dev/null
select is((select string_agg(name, ', ') from test.of_cases where test.rows_seen(name) > 0), null, 'and the next request, of nobody, sees none of them');
rollback;

-- Which cases, referrals, keys and clocks each person sees, row by row.
begin;
set local role upstander_serve;
select is((select format('%s incidents, %s keys, %s referrals, %s clocks, %s drafts, %s additions', test.rows_seen('incident'),
                         test.rows_seen('data_key'), test.rows_seen('referral'), test.rows_seen('clock'), test.rows_seen('draft'),
                         test.rows_seen('addition')) from (select test.sign_in(name) offset 0) s), sees, format('%s sees %s', name, sees))
  from (values
    ('practitioner', '3 incidents, 3 keys, 5 referrals, 0 clocks, 1 drafts, 1 additions'),
    ('practitioner.oldquay', '1 incidents, 1 keys, 2 referrals, 0 clocks, 0 drafts, 0 additions'),
    ('lead', '2 incidents, 2 keys, 4 referrals, 6 clocks, 0 drafts, 1 additions'),
    ('deputy', '3 incidents, 3 keys, 5 referrals, 8 clocks, 0 drafts, 1 additions'),
    ('lead.oldquay', '1 incidents, 1 keys, 2 referrals, 2 clocks, 0 drafts, 0 additions'),
    ('mash', '1 incidents, 1 keys, 1 referrals, 2 clocks, 0 drafts, 1 additions'),
    ('mash.manager', '2 incidents, 2 keys, 2 referrals, 4 clocks, 0 drafts, 1 additions'),
    ('lado', '1 incidents, 1 keys, 1 referrals, 2 clocks, 0 drafts, 2 additions'),
    ('lado.oldquay', '0 incidents, 0 keys, 0 referrals, 0 clocks, 0 drafts, 0 additions'),
    ('mash.oldquay', '0 incidents, 0 keys, 0 referrals, 0 clocks, 0 drafts, 0 additions'),
    ('auditor', '0 incidents, 0 keys, 0 referrals, 0 clocks, 0 drafts, 0 additions'),
    ('dpo', '0 incidents, 0 keys, 0 referrals, 0 clocks, 0 drafts, 0 additions'),
    ('admin', '0 incidents, 0 keys, 0 referrals, 0 clocks, 0 drafts, 0 additions')) v(name, sees);
select is((select test.rows_seen('case_exclusion') from (select test.sign_in('lead') offset 0) s), 1::bigint, 'a person''s exclusions are known to the policies');
select is((select test.rows_seen('case_exclusion') from (select test.sign_in('deputy') offset 0) s), 0::bigint, 'and to nobody else');
rollback;

-- Everything that a person can read, as one text. The time of the reply is left out.
create function test.all_read(p_name text, p_incident text, p_referral text) returns table (surface text, reply text) language plpgsql as $$
declare
    v_statement text;
begin
    foreach v_statement in array array['incident_get($1)', 'incident_chronology($1)', 'incident_list(null, null, null, null, null, null, null, null, 50)',
                                       'incident_list(''IN_PROGRESS'', null, null, null, null, null, null, null, 50)',
                                       'incident_list(null, null, null, ''LADO'', null, null, null, null, 50)',
                                       'incident_list(null, null, null, ''MASH'', null, null, null, null, 50)',
                                       'referral_list(null, null, null, null, null, null, 50)', 'referral_list(null, null, ''WAITING'', null, null, null, 50)',
                                       'referral_list(''LADO'', null, null, null, ''OPENED'', null, 50)', 'referral_get($2)', 'incident_key($1)'] loop
        perform test.sign_in(p_name);
        surface := v_statement;
        execute 'select regexp_replace(r::text, ''""as_at"" ?: ?""[^"]*""'', '''', ''g'') from upstander.' || v_statement || ' r' into reply using p_incident, p_referral;
        return next;
    end loop;
    surface := 'frame';
    select frame into reply from upstander.access_context(test.session(p_name), null, gen_random_uuid()::text, '/test', null, false, true);
    return next;
end;
$$;
grant execute on function test.all_read(text, text, text) to public;

-- Two desks of one incident know nothing of each other, and nothing that one does changes what the other reads.
begin;
set local role upstander_serve;
select is((select string_agg(surface, ', ') from test.all_read('mash', :'both', :'mash') where surface <> 'frame' and surface !~ 'LADO' and reply ~ 'LADO'), null,
          'nothing that the front door can read of the case speaks of the LADO');
select is((select string_agg(surface, ', ') from test.all_read('lado', :'both', :'lado') where surface <> 'frame' and surface !~ 'MASH' and reply ~ 'MASH|front door'), null,
          'nothing that the LADO can read of the case speaks of the front door');
select is((select string_agg(x ->> 'pathway', ',') from (select test.sign_in('lead') offset 0) s, lateral (select incident_get(:'both') as r offset 0) g,
                  json_array_elements((r).body::json -> 'referrals') x), 'LADO,MASH', 'the lead sees both');
reset role;
create table test.read_before (name text, surface text, reply text);
grant select, insert, delete on test.read_before to public;
set local role upstander_serve;
insert into test.read_before select 'mash.manager', * from test.all_read('mash.manager', :'both', :'mash');
select is((test.step('lado', :'lado', step)).outcome, 'ok', format('the LADO takes the step %s', step))
  from unnest(array['threshold_met', 'record_outcome', 'close']) step;
select is(a.reply, b.reply, format('it is not to be seen by the front door: %s', b.surface))
  from test.read_before b join test.all_read('mash.manager', :'both', :'mash') a using (surface);
delete from test.read_before;
insert into test.read_before select 'lado', * from test.all_read('lado', :'both', :'lado');
select is((test.step('mash.manager', :'mash', step)).outcome, 'ok', format('the front door takes the step %s', step))
  from unnest(array['screen', 'decide', 'close']) step;
select is(a.reply, b.reply, format('it is not to be seen by the LADO: %s', b.surface))
  from test.read_before b join test.all_read('lado', :'both', :'lado') a using (surface);
select is((select (r).etag from (select test.sign_in(name) offset 0) s, lateral (select incident_get(:'both') as r offset 0) g), 'closed',
          format('with both closed the case is closed to %s', name)) from unnest(array['lead', 'practitioner', 'lado', 'mash']) name;
rollback;

-- The reporter: how it stands, in plain words, and nothing of clocks, desks, steps or who works on it.
begin;
set local role upstander_serve;
select is((select string_agg(distinct k, ',' order by k) from (select test.sign_in('practitioner') offset 0) s, lateral (select incident_get(:'both') as r offset 0) g,
                  json_array_elements((r).body::json -> 'referrals') x, json_object_keys(x) k), 'pathway,pathway_name,state_label',
          'of a referral the reporter is told the pathway and how it stands');
select is((select string_agg(surface, ', ') from test.all_read('practitioner', :'both', :'mash')
            where surface <> 'frame' and regexp_replace(reply, '""counts"":\{[^}]*\}', '') ~ 'due_at|clock|BREACHED|RUNNING|late|Harbourside|"by" : "(Lead|Mash|Lado)'), null,
          'no clock, no lateness, no desk and no colleague is in anything that the reporter reads');
select is((select string_agg(x ->> 'kind', ',' order by x ->> 'kind') from (select test.sign_in('practitioner') offset 0) s,
                  lateral (select incident_chronology(:'both') as r offset 0) g, json_array_elements((r).body::json -> 'items') x), 'ADDITION,REPORTED',
          'in the chronology the reporter reads what they sent and what they added');
rollback;
-- A screener who reports a case works on their own desk's referral of it and is told of the other as any reporter is.
begin;
insert into role_grant (id, account_id, role, organisation_id, confirmed_at, audit_id)
select gen_random_uuid(), test.account('mash'), 'REPORTER', test.organisation('example-school'), now(), 0
  from (select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('CREATE', 'test', null, false) offset 0) x;
set local role upstander_serve;
select test.filed('mash') as own \gset
select test.referral(:'own', 'LADO') as own_lado, test.referral(:'own', 'MASH') as own_mash \gset
select test.step('lead', :'own_lado', 'confirm') \g /dev/null
select test.step('lead', :'own_mash', 'confirm') \g /dev/null
select is((select string_agg(x ->> 'pathway', ',') from (select test.sign_in('mash') offset 0) s, lateral (select incident_get(:'own') as r offset 0) g,
                  json_array_elements((r).body::json -> 'referrals') x where x ->> 'state' is not null), 'MASH',
          'a screener who reported a case works on their desk''s referral alone');
select is((select (r).outcome from (select test.sign_in('mash') offset 0) s, lateral (select referral_get(:'own_lado') as r offset 0) g), 'absent',
          'and the other is not there for them');
rollback;

-- Hidden and absent are one answer and one event.
create function test.answers(p_name text, p_incident text, p_referral text) returns table (surface text, answer text) language plpgsql as $$
declare
    v_statement text;
    v_after bigint;
begin
    foreach v_statement in array array['incident_get($1)', 'incident_chronology($1)', 'incident_key($1)',
            'incident_add(test.new_id(), $1, ''key-x'', repeat(''a'', 64), ''s1.x'')', 'incident_list(null, null, null, null, $1, null, null, null, 50)',
            'referral_get($2)', 'referral_form($2, ''confirm'', ''0'')', 'referral_step_page($2, ''confirm'')',
            'referral_take($2, ''confirm'', ''0'', null, ''{}'', ''[]'', null, null)', 'referral_acknowledge(jsonb_build_array($2))'] loop
        perform test.sign_in(p_name);
        v_after := test.last_event();
        surface := v_statement;
        execute 'select r::text from upstander.' || v_statement || ' r' into answer using p_incident, p_referral;
        answer := answer || ' ' || test.events_after(v_after);
        return next;
    end loop;
end;
$$;
create function test.last_event() returns bigint language plpgsql security definer as $$
begin
    return (select coalesce(max(id), 0) from upstander.audit_event);
end;
$$;
create function test.events_after(p_id bigint) returns text language plpgsql security definer as $$
begin
    return (select coalesce(string_agg(concat_ws(' ', e.action, e.object, e.case_id, e.case_n, d.detail - 'session' - 'ref'), '; ' order by e.id), 'no event')
              from upstander.audit_event e join upstander.audit_detail d on d.event_id = e.id where e.id > p_id);
end;
$$;
grant execute on function test.answers(text, text, text), test.last_event(), test.events_after(bigint) to public;
begin;
set local role upstander_serve;
select is(hidden.answer, absent.answer, format('%s, %s: %s answers as if it were not there', name, says, hidden.surface))
  from (values
    ('lead', :'naming', :'naming_mash', 'whom the case names'),
    ('mash', :'naming', :'naming_mash', 'whom the case names'),
    ('lead.oldquay', :'both', :'lado', 'of another organisation'),
    ('lado.oldquay', :'both', :'lado', 'of another authority'),
    ('mash.manager', :'proposed', :'proposed_mash', 'before the lead has sent it'),
    ('auditor', :'both', :'lado', 'who reads no cases')) v(name, incident, referral, says),
       lateral (select * from test.answers(name, incident, referral) offset 0) hidden
  join lateral (select * from test.answers(name, 'UP-ABSENT', 'RE-ABSENT') offset 0) absent using (surface);
select is((select string_agg(distinct (regexp_match(answer, '^\((\w+),'))[1], ',') from test.answers('lead', :'both', :'mash')
            where surface ~ '^(incident|referral)_(get|chronology|key|step_page)'), 'ok', 'the same requests do find what is there');
select is((select (r).outcome from (select test.sign_in('practitioner') offset 0) s, lateral (select referral_get(:'mash') as r offset 0) g), 'absent',
          'the reporter has no page of a referral');
select is((referral_acknowledge(jsonb_build_array(:'naming_mash', :'lado', 'RE-ABSENT'))).body, '{"acknowledged" : []}', 'acknowledging what is hidden does nothing')
  from (select test.sign_in('mash') offset 0) s;
reset role;
select is((select count(*) from referral where new_for_unit is false and reference in (:'naming_mash', :'lado')), 0::bigint, 'and leaves it as it was');
rollback;

-- What the server's role may never do, whoever is signed in.
begin;
set local role upstander_serve;
select test.sign_in('lead') \g /dev/null
select throws_ok(statement, '42501', null, format('the server may not: %s', statement)) from unnest(array[
    'update audit_event set role = ''X''', 'delete from audit_event', 'truncate audit_event', 'insert into audit_event default values',
    'select entry from audit_event', 'select * from audit_detail', 'update audit_detail set detail = ''{}''', 'delete from audit_detail',
    'delete from incident', 'delete from referral', 'truncate incident cascade', 'update incident set reporter_id = null',
    'update referral set incident_id = gen_random_uuid()', 'update referral_event set data = ''{}''', 'delete from referral_event',
    'update data_key set wrapped = ''x''', 'delete from data_key', 'insert into case_access (incident_id) values (null)', 'delete from case_exclusion',
    'update case_exclusion set cleared_at = now()', 'insert into clock default values', 'update clock set due_at = now()', 'delete from clock',
    'select password from account', 'select email from account', 'update account set name = ''x''', 'select * from session', 'insert into role_grant default values',
    'update site set value = ''no''', 'update pathway_transition set side = ''DESK''', 'insert into code default values', 'select * from second_factor',
    'select * from account_index', 'create temp table x ()', 'create table upstander.x ()', 'create schema x', 'create function upstander.x() returns void language sql as ''''',
    'set session_replication_role = replica', 'alter table incident disable row level security',
    'drop policy reporter_or_shown on incident', 'select calendar_import(''{}'')', 'select pathway_install(''{}'')', 'select job_context(''x'')',
    'select case_exclude_named(null)', 'select context_clear(''x'', null)']) statement;
rollback;
select is((select count(*) from incident where status in ('SUBMITTED', 'IN_PROGRESS')), 4::bigint, 'and the cases stand as they stood');
-- The functions that open, show, start and tell do so for a step that is under way, and for nobody who just calls them.
begin;
set local role upstander_serve;
select test.filed('practitioner') as outside \gset
reset role;
select i.id as outside_id, f.id as outside_referral, f.version_id as outside_version, f.state as outside_state, f.desk_unit_id as outside_desk
  from incident i join referral f on f.incident_id = i.id where i.reference = :'outside' limit 1 \gset
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_CREATE') \g /dev/null
select is(test.change(call), 'UP001', 'out of turn it is refused: ' || call) from (values
    (format('select upstander.case_open(%L, %L)', :'outside_id', '{}')),
    (format('select upstander.case_show(%L, null, %L, %L)', :'outside_id', :'outside_desk', 'DESK')),
    (format('select upstander.clock_turn(%L, %L, %L, now())', :'outside_referral', :'outside_version', :'outside_state')),
    (format('select upstander.outbox_tell(%L, %L, %L)', 'REFERRAL_WAITING', :'outside_desk', :'outside_referral'))) v(call);
select upstander.audit_append('VIEW', 'incident x', :'outside_id', false) \g /dev/null
select is(test.change(format('select upstander.case_show(%L, null, %L, %L)', :'outside_id', :'outside_desk', 'DESK')), 'UP001',
          'having read the case is no change of it');
reset role;
rollback;
select * from finish();
