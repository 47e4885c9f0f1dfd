-- Conflicts of interest: who declares one sees the case no longer, and what then waits for nobody moves on.
select no_plan();

-- Signs in and declares. Gives the outcome, and of a refusal its code.
create function test.declare(p_name text, p_incident text) returns text language plpgsql as $$
declare
    r upstander.reply;
begin
    perform test.sign_in(p_name, 'INCIDENT_READ');
    r := upstander.conflict_declare(p_incident, test.new_id(), 's1.why ' || p_name);
    return r.outcome || coalesce(' ' || (r.body::json #>> '{errors,0,code}'), '');
end;
$$;
-- What somebody is told when they ask for a case, each of its referrals, and everything that happened in it.
create function test.answers(p_name text, p_incident text) returns text language plpgsql as $$
declare
    v_told text[];
begin
    perform test.sign_in(p_name);
    v_told := array[(upstander.incident_get(p_incident)).outcome, (upstander.incident_chronology(p_incident)).outcome,
                    (upstander.incident_sight(p_incident)).outcome, (upstander.conflict_form(p_incident)).outcome,
                    (upstander.referral_get(test.referral(p_incident, 'LADO'))).outcome,
                    (upstander.referral_get(test.referral(p_incident, 'MASH'))).outcome];
    return (select string_agg(distinct told, ' ') from unnest(v_told) told);
end;
$$;
create function test.stands(p_incident text, p_pathway text) returns text language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    return (select concat_ws(' ', f.state, o.slug, case when f.new_for_unit then 'new' end) from incident i join referral f on f.incident_id = i.id
              left join unit u on u.id = f.unit_id left join organisation o on o.id = u.organisation_id
             where i.reference = p_incident and f.pathway = p_pathway);
end;
$$;
create function test.told(p_incident text) returns text language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    return (select string_agg(f.pathway || ' ' || o.slug, ', ' order by b.id) from outbox b join referral f on f.id = b.referral_id
              join incident i on i.id = f.incident_id join unit u on u.id = b.unit_id join organisation o on o.id = u.organisation_id
             where i.reference = p_incident);
end;
$$;
create function test.history(p_incident text, p_pathway text) returns text language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    return (select string_agg(concat_ws(' ', v.transition, coalesce(a.name, 'Upstander')), ', ' order by v.n)
              from referral_event v join referral f on f.id = v.referral_id join incident i on i.id = f.incident_id left join account a on a.id = v.actor_id
             where i.reference = p_incident and f.pathway = p_pathway and v.n > 0);
end;
$$;
create function test.chain(p_incident text) returns text language plpgsql security definer as $$
begin
    return (select format('%s of %s, case at %s', count(*), max(e.case_n), i.case_n) from upstander.audit_event e
              join upstander.incident i on i.id = e.case_id where i.reference = p_incident and e.case_n is not null group by i.case_n);
end;
$$;
create function test.told_of(p_name text, p_incident text) returns text language plpgsql as $$
begin
    perform test.sign_in(p_name);
    return (select string_agg(x ->> 'title' || ' by ' || (x ->> 'by'), ', ')
              from json_array_elements((upstander.incident_chronology(p_incident)).body::json -> 'items') x where x ->> 'kind' = 'CONFLICT');
end;
$$;
-- Names people in a report by an address that is theirs, so that it is hidden from them.
create function test.naming(variadic p_names text[]) returns jsonb language plpgsql security definer set search_path = test, upstander, pg_catalog as $$
begin
    insert into account_index (account_id, kind, value) select test.account(n), 'EMAIL', md5(n) from unnest(p_names) n on conflict do nothing;
    return jsonb_build_object('people', (select jsonb_agg(test.person('WITNESS', jsonb_build_object('email_index', md5(n)))) from unnest(p_names) n)
        || test.person('TARGET_CHILD', '{"home_authority": "X12"}')
        || test.person('ALLEGED_PERPETRATOR_STAFF', '{"works_with_children": "YES", "workplace_authority": "X12"}'));
end;
$$;
create function test.confirmed(p_name text, p_incident text) returns void language plpgsql as $$
declare
    r upstander.reply;
    v_pathway text;
begin
    foreach v_pathway in array array['LADO', 'MASH'] loop
        r := test.step(p_name, test.referral(p_incident, v_pathway), 'confirm');
        if r.outcome <> 'ok' then
            raise exception 'not confirmed: %', r;
        end if;
    end loop;
end;
$$;
grant execute on all functions in schema test to public;

-- One of two leads, then the other.
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select is(test.answers('lead', :'incident'), 'ok', 'a lead works on the case');
select is(test.declare('lead', :'incident'), 'ok', 'and declares a conflict of interest in it');
select is(test.answers('lead', :'incident'), 'absent', 'it is hidden from them on every route');
select is((select count(*) from (select test.sign_in('lead') offset 0) s, lateral (select from referral f join incident i on i.id = f.incident_id where i.reference = :'incident') x),
          0::bigint, 'and in every table');
select is(test.declare('lead', :'incident'), 'absent', 'to declare it again finds nothing');
select is(test.answers('deputy', :'incident'), 'ok', 'the other lead keeps it');
select is(test.stands(:'incident', 'LADO'), 'PROPOSED example-school new', 'and the proposal waits for them');
select is(test.chain(:'incident'), '2 of 2, case at 2', 'the declaration is a change of the case, in its chain');
select is(test.told(:'incident'), 'LADO example-school, MASH example-school', 'nobody new is told');
select is(test.declare('deputy', :'incident'), 'ok', 'the second lead declares one too');
select is(test.stands(:'incident', 'LADO') || ', ' || test.stands(:'incident', 'MASH'), 'REFERRED harbourside-lado new, CONTACT harbourside-mash new',
          'with no lead free the proposals go on to the desks at once');
select is(test.history(:'incident', 'LADO'), 'send_past_lead Upstander', 'as a step of the system, not of whoever declared');
select is(test.told(:'incident'), 'LADO example-school, MASH example-school, LADO harbourside-lado, MASH harbourside-mash', 'and the desks are told');
select is(test.chain(:'incident'), '5 of 5, case at 5', 'every change stands in the chain');
select is(test.answers('deputy', :'incident'), 'absent', 'the second lead finds nothing');
select is((test.step('lado', test.referral(:'incident', 'LADO'), 'threshold_met')).outcome, 'ok', 'the desk goes on');
rollback;

-- The reporter: one who only reported has nothing to step back from; one who works on their own report loses both.
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select test.sign_in('practitioner') \g /dev/null
select is((conflict_form(:'incident')).outcome, 'conflict', 'a reporter who does not work on the case has nothing to declare');
select is(test.declare('practitioner', :'incident'), 'absent', 'nor does it work past the form');
select is((incident_get(:'incident')).outcome, 'ok', 'and keeps sight of what they sent');
select test.filed('lead') as own \gset
select is(test.declare('lead', :'own'), 'ok', 'a lead declares a conflict in a case that they reported themselves');
select is(test.answers('lead', :'own'), 'absent', 'and sees it neither as lead nor as reporter');
select is((select count(*) from (select test.sign_in('lead') offset 0) s, lateral (select json_array_elements((incident_list(null, null, null, null, null, null, null, null, 200)).body::json -> 'items') as x offset 0) l
            where x ->> 'reference' = :'own'), 0::bigint, 'nor in a list');
rollback;

-- A desk whose only officer steps back.
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select test.confirmed('lead', :'incident') \g /dev/null
select is(test.declare('lado', :'incident'), 'ok', 'the only officer of a desk declares a conflict');
select is(test.stands(:'incident', 'LADO'), 'REFERRED partnership new', 'the referral waits for the intake, which has a step to take');
select is(split_part(test.told(:'incident'), ', ', 5), 'LADO partnership', 'which is told');
select is(test.stands(:'incident', 'MASH'), 'CONTACT harbourside-mash new', 'the neighbour desk is not concerned');
select is(test.told_of('mash', :'incident'), null, 'and learns nothing of it');
select test.sign_in('intake') \g /dev/null
select is((referral_get(test.referral(:'incident', 'LADO'))).outcome, 'ok', 'the intake reads it');
reset role;
insert into account (id, email, name, password) values (test.account('second lado'), 'second.lado@example.test', 'Second Lado', 'none');
select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('CREATE', 'test', null, false) \g /dev/null
insert into role_grant (id, account_id, role, organisation_id, confirmed_at, audit_id)
values (gen_random_uuid(), test.account('second lado'), 'LADO', test.organisation('harbourside-lado'), now(), 0);
set local role upstander_serve;
select is((test.step('intake', test.referral(:'incident', 'LADO'), 'send_on', p_data => '{"area": "X12"}')).outcome, 'ok', 'once the desk has somebody free');
select is(test.stands(:'incident', 'LADO'), 'REFERRED harbourside-lado new', 'the intake sends it back there');
select is(test.answers('lado', :'incident'), 'absent', 'who declared it finds nothing still');
rollback;

-- Where the intake has no step to take, it sees to it that somebody is found, and the referral stays at its desk.
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select test.confirmed('lead', :'incident') \g /dev/null
select test.step('lado', test.referral(:'incident', 'LADO'), 'threshold_met') \g /dev/null
select is(test.declare('lado', :'incident'), 'ok', 'an officer steps back in the middle of a case');
select is(test.stands(:'incident', 'LADO'), 'THRESHOLD_MET harbourside-lado', 'which stays with the desk');
select is(split_part(test.told(:'incident'), ', ', 5), 'LADO partnership', 'the intake is told');
select is(test.declare('deputy', :'incident'), 'ok', 'somebody else steps back from the same case');
select is(split_part(test.told(:'incident'), ', ', 6), '', 'the intake is told once');
select test.sign_in('intake') \g /dev/null
select is((referral_get(test.referral(:'incident', 'LADO'))).outcome, 'ok', 'and reads it');
rollback;

-- The reason: for colleagues of the same unit who still work on the case.
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select test.confirmed('lead', :'incident') \g /dev/null
select is(test.declare('mash', :'incident'), 'ok', 'a screener declares a conflict');
select is(test.told_of('mash.manager', :'incident'), 'Declared a conflict of interest and stepped back by Mash', 'the manager of the same desk reads of it');
select is(test.told_of(name, :'incident'), null, format('%s does not', name)) from unnest(array['lead', 'deputy', 'lado', 'practitioner']) name;
select test.sign_in('lado') \g /dev/null
select is((select count(*) from conflicts_declared((select id from incident where reference = :'incident'))), 0::bigint, 'nor by the function itself');
reset role;
select is(reason_sealed, 's1.why mash', 'it is kept as it was sealed') from case_exclusion where ground = 'DECLARED';
select is((select count(*) from audit_detail where detail::text like '%why mash%'), 0::bigint, 'and stands in no detail of the trail');
rollback;

-- Nobody else: refused, and nothing is left of the try but its event.
begin;
set local role upstander_serve;
select test.filed('practitioner', test.naming('deputy', 'lado', 'intake')) as incident \gset
select is(test.declare('lead', :'incident'), 'invalid nobody_else', 'the last person who may know of a referral and take a step in it cannot step back yet');
select is(test.answers('lead', :'incident'), 'ok', 'and still has the case');
select is(test.stands(:'incident', 'LADO'), 'PROPOSED example-school new', 'which did not move');
select is(test.chain(:'incident'), '1 of 1, case at 1', 'nor did its chain');
reset role;
select is(string_agg(action || ' ' || (case_n is null), ', '), 'DENY true', 'the refusal is an event')
  from audit_event where object like 'exclusion % declared' and case_id = (select id from incident where reference = :'incident');
rollback;

begin;
delete from desk where area is null;
update unit set capability = 'CASEWORK' where capability = 'INTAKE';
set local role upstander_serve;
select test.filed('practitioner', test.naming('deputy')) as incident \gset
select test.confirmed('lead', :'incident') \g /dev/null
select is(test.declare('lead', :'incident'), 'ok', 'in a partnership without an intake a lead steps back while the desks have it');
select is(test.declare('lado', :'incident'), 'invalid nobody_else', 'but not the last of a desk');
rollback;

-- A match that arises later does the same, whoever is left.
begin;
set local role upstander_serve;
select test.filed('practitioner', test.naming('deputy')) as incident \gset
select is(test.stands(:'incident', 'MASH'), 'PROPOSED example-school new', 'with one of two leads named the other has the proposal');
reset role;
update incident_person set name_birth_index = md5('lead born 1980') where incident_id = (select id from incident where reference = :'incident') and position = 1;
set local role upstander_serve;
select test.sign_in('lead') \g /dev/null
select is((account_birth_set('1980-05-01', jsonb_build_array(jsonb_build_object('kind', 'NAME_BIRTH', 'value', md5('lead born 1980'))))).outcome, 'ok',
          'that one gives a birth date, by which they are named as well');
select is(test.answers('lead', :'incident'), 'absent', 'the case is hidden from them');
select is(test.stands(:'incident', 'LADO') || ', ' || test.stands(:'incident', 'MASH'), 'REFERRED harbourside-lado new, CONTACT harbourside-mash new',
          'and goes on to the desks');
rollback;
begin;
set local role upstander_serve;
select test.filed('practitioner', test.naming('deputy', 'lado', 'intake')) as incident \gset
reset role;
update incident_person set name_birth_index = md5('lead born 1980') where incident_id = (select id from incident where reference = :'incident') and position = 1;
set local role upstander_serve;
select test.sign_in('lead') \g /dev/null
select account_birth_set('1980-05-01', jsonb_build_array(jsonb_build_object('kind', 'NAME_BIRTH', 'value', md5('lead born 1980')))) \g /dev/null
select is(test.answers('lead', :'incident'), 'absent', 'a match hides the case also from the last who could take a step');
select is(test.stands(:'incident', 'LADO'), 'REFERRED harbourside-lado new', 'it waits at the desk for whoever is given the role');
select is(test.told(:'incident') ~ 'LADO harbourside-lado, LADO partnership', true, 'and the intake is told as well');
rollback;

begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select test.confirmed('lead', :'incident') \g /dev/null
reset role;
update incident_person set name_birth_index = md5('lado born 1970') where incident_id = (select id from incident where reference = :'incident') and position = 1;
select case_n as before from incident where reference = :'incident' \gset
set local role upstander_serve;
select test.sign_in('lado') \g /dev/null
select is((account_birth_set('1970-05-01', jsonb_build_array(jsonb_build_object('kind', 'NAME_BIRTH', 'value', md5('lado born 1970'))))).outcome, 'ok',
          'the only officer of a desk turns out to be named while a referral waits there');
select is(test.answers('lado', :'incident'), 'absent', 'the case is hidden from them');
select is(test.stands(:'incident', 'LADO'), 'REFERRED partnership new', 'and goes to the intake');
reset role;
select is((select case_n from incident where reference = :'incident'), :before + 1, 'it is a change of the case, in its chain');
rollback;

-- Two leads at once: whoever comes second moves the case on.
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
commit;
select test.connect('other') \g /dev/null
select dblink_exec('other', 'begin') \g /dev/null
select is(told, 'ok', 'one lead declares a conflict') from dblink('other', format('select test.declare(''lead'', %L)', :'incident')) x(told text);
select test.connect('second') \g /dev/null
select dblink_send_query('second', format('select test.declare(''deputy'', %L)', :'incident')) \g /dev/null
select pg_sleep(0.2) \g /dev/null
select is(dblink_is_busy('second'), 1, 'the other waits for the case');
select dblink_exec('other', 'commit') \g /dev/null
select is(told, 'ok', 'and then declares one too') from dblink_get_result('second') x(told text);
select is(test.stands(:'incident', 'LADO'), 'REFERRED harbourside-lado new', 'the case has moved on');

-- The walls: nobody reaches these but through a declaration.
set role upstander_serve;
select throws_ok(statement, '42501', null, statement || ' is not for the server to call') from unnest(array[
    'select case_move_on(gen_random_uuid())', 'select case_has_free_member(gen_random_uuid())',
    'select referral_to_intake(null)', 'select referral_pass_lead(null)']) statement;
reset role;
select throws_ok(format($$ insert into case_exclusion (incident_id, account_id, ground, audit_id) select id, test.account('lado'), 'DECLARED', 0 from incident, (
    select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('UPDATE', 'test', null, false) offset 0) x where reference = %L $$, :'incident'),
    '23514', null, 'no conflict is declared without saying why');
select * from finish();
