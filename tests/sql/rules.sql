-- Cases at the edge of the rules: many referrals at once, an intake that is named too, an agency without a free lead, what a reporter is
-- told, and a reporter whom their own report turns out to name.
select no_plan();

-- What stands beside a row so that it need not be looked up follows what it repeats.
begin;
select is((select count(*)::integer from unit u join organisation o on o.id = u.organisation_id where u.name <> o.name), 0, 'every unit is called as its organisation');
select organisation_id as named from unit limit 1 \gset
update organisation set name = 'Renamed for a test' where id = :'named';
select is((select string_agg(distinct name, ',') from unit where organisation_id = :'named'), 'Renamed for a test', 'and is renamed with it');
delete from unit u where organisation_id = :'named' and capability = 'QA';
insert into unit (organisation_id, capability, name) values (:'named', 'QA', 'Another name');
select is((select name from unit where organisation_id = :'named' and capability = 'QA'), 'Renamed for a test', 'a new one too, whatever it was given');
delete from role_permission where role = 'REPORTER' and permission = 'INCIDENT_ADD';
select is((select permissions from role where role = 'REPORTER'), 'INCIDENT_CREATE,INCIDENT_READ,', 'what a role may stands beside it, and what was taken does not');
rollback;

-- Twenty people of twenty authorities: a referral for each, with its own reference, desk and clock.
begin;
select json_agg(area)::text as areas from (select area from area order by area limit 20) a \gset
set local role upstander_serve;
select test.filed('practitioner', jsonb_build_object(
    'people', (select jsonb_agg(test.person('TARGET_CHILD', jsonb_build_object('home_authority', a))) from json_array_elements_text(:'areas') a),
    'spare', (select jsonb_agg(jsonb_build_object('id', id, 'reference', 'RE-' || right(id::text, 6)))
                from (select test.new_id() as id from generate_series(1, 44)) s))) as incident \gset
reset role;
select is((select format('%s %s %s %s', count(*), count(distinct f.reference), count(distinct f.area), count(distinct c.referral_id))
             from referral f join incident i on i.id = f.incident_id join clock c on c.referral_id = f.id and c.clock = 'REFER'
            where i.reference = :'incident'), '20 20 20 20', 'twenty authorities have twenty referrals, each with its clock');
select is((select string_agg(distinct (f.desk_unit_id = desk_of('MASH', f.area))::text, ',') from referral f join incident i on i.id = f.incident_id
            where i.reference = :'incident'), 'true', 'each at the desk of its authority');
set local role upstander_serve;
select test.sign_in('lead') \g /dev/null
select is(json_array_length((referral_list(null, null, null, null, null, null, 50)).body::json -> 'items'), 20, 'all of them wait for the lead');
select test.step('lead', x ->> 'reference', 'confirm') from (
    select x from json_array_elements((referral_list(null, null, null, null, null, null, 50)).body::json -> 'items') x offset 0) y \g /dev/null
reset role;
select is((select string_agg(distinct f.state, ',') from referral f join incident i on i.id = f.incident_id where i.reference = :'incident'),
          'CONTACT', 'and can be sent on one by one');
rollback;

-- Where everybody at the desk is named and the intake too, the desk has it after all: whoever joins it finds it waiting.
begin;
insert into account_index (account_id, kind, value)
select test.account(name), 'EMAIL', md5(name) from unnest(array['mash', 'mash.manager', 'intake', 'lead', 'deputy']) name;
create function test.naming(p_role text, variadic p_names text[]) returns jsonb language plpgsql as $$
begin
    return jsonb_build_object('people', jsonb_build_array(test.person(p_role, '{"home_authority": "X12"}'))
        || (select jsonb_agg(test.person('WITNESS', jsonb_build_object('email_index', md5(n)))) from unnest(p_names) n));
end;
$$;
grant execute on function test.naming(text, text[]) to public;
set local role upstander_serve;
select test.filed('practitioner', test.naming('TARGET_CHILD', 'mash', 'mash.manager', 'intake')) as incident \gset
select test.referral(:'incident', 'MASH') as referral \gset
select is((test.step('lead', :'referral', 'confirm')).outcome, 'ok', 'the lead sends it on');
reset role;
select is((select format('%s %s %s', f.state, f.unit_id = test.unit('harbourside-mash', 'MASH'), f.because) from referral f where f.reference = :'referral'),
          'CONTACT t A child was harmed or is likely to be harmed.', 'with the intake named as well it waits at its own desk');
set local role upstander_serve;
select is((select string_agg((referral_get(:'referral')).outcome, ',') from unnest(array['mash', 'mash.manager', 'intake']) name,
                  lateral (select test.sign_in(name) offset 0) s), 'absent,absent,absent', 'and nobody who is named finds it');

-- An agency without a free lead: what only the agency would answer goes to the intake.
select test.filed('practitioner', test.naming('TARGET_STAFF', 'lead', 'deputy')) as incident \gset
select test.referral(:'incident', 'AGENCY') as referral \gset
reset role;
select is((select format('%s %s %s', f.state, f.unit_id = test.unit('partnership', 'INTAKE'), f.because) from referral f where f.reference = :'referral'),
          'OPEN t Somebody other than a child was harmed. It was sent past the desk.', 'it waits for the intake');
select is((select string_agg(u.capability, ',') from outbox o join referral f on f.id = o.referral_id join unit u on u.id = o.unit_id
            where f.reference = :'referral'), 'INTAKE', 'which is told, and nobody else is');
select is((select string_agg(c.clock || ' ' || clock_status(c.due_at, c.stopped_at, null, false, now()), ',') from clock c join referral f on f.id = c.referral_id
            where f.reference = :'referral'), 'ACKNOWLEDGE RUNNING', 'the clock of the acknowledgement runs');
set local role upstander_serve;
select is((select string_agg((referral_get(:'referral')).outcome || (incident_get(:'incident')).outcome, ',') from unnest(array['lead', 'deputy']) name,
                  lateral (select test.sign_in(name) offset 0) s), 'absentabsent,absentabsent', 'the leads who are named find nothing');
select is((test.step('intake', :'referral', 'acknowledge')).outcome, 'ok', 'the intake acknowledges it');

-- And with the intake named besides, it waits for the leads all the same, and nobody who is named sees it.
select test.filed('practitioner', test.naming('TARGET_STAFF', 'lead', 'deputy', 'intake')) as incident \gset
select test.referral(:'incident', 'AGENCY') as referral \gset
reset role;
select is((select f.unit_id = test.unit('example-school', 'LEAD') from referral f where f.reference = :'referral'), true, 'where nobody is free it stays');
set local role upstander_serve;
select is((select string_agg((referral_get(:'referral')).outcome, ',') from unnest(array['lead', 'deputy', 'intake']) name,
                  lateral (select test.sign_in(name) offset 0) s), 'absent,absent,absent', 'for somebody who is not named');
rollback;

-- What reporters are told of a referral: who looks at it, never how, how late, or which way it was decided.
select is((select string_agg(distinct v.pathway || ' ' || s.state || ': ' || s.reporter_label, e'\n')
             from pathway_state s join pathway_version v on v.id = s.version_id
            where v.valid_to is null and s.reporter_label ~* 'late|overdue|due|clock|deadline|threshold|substantiat|malicious|unfounded|perpetrator|allegation'),
          null, 'no label speaks of time, of thresholds or of outcomes');
select is((select string_agg(distinct s.reporter_label, ', ') from pathway_state s join pathway_version v on v.id = s.version_id
            where v.pathway = 'LADO' and v.valid_to is null and s.state in ('THRESHOLD_MET', 'THRESHOLD_NOT_MET', 'OUTCOME_RECORDED')),
          'The LADO is dealing with this', 'a threshold that is met reads as one that is not');

create function test.told(p_incident text, p_pathway text) returns text language plpgsql as $$
begin
    perform test.sign_in('practitioner', 'INCIDENT_READ');
    return (select x ->> 'state_label' from json_array_elements((upstander.incident_get(p_incident)).body::json -> 'referrals') x
             where x ->> 'pathway' = p_pathway);
end;
$$;
grant execute on function test.told(text, text) to public;
create function test.walked(p_incident text, p_referral text, p_pathway text, variadic p_steps text[]) returns text language plpgsql as $$
declare
    v_step text;
    v_told text[] := array[test.told(p_incident, p_pathway)];
    v_reply upstander.reply;
begin
    foreach v_step in array p_steps loop
        v_reply := test.step(split_part(v_step, ':', 1), p_referral, split_part(v_step, ':', 2),
                             case split_part(v_step, ':', 2) when 'record_outcome' then '[{"list": "outcome_lado", "code": "SUBSTANTIATED"}]'::jsonb
                                                             else '[]' end);
        if v_reply.outcome <> 'ok' then
            raise exception 'not taken: % %', v_step, v_reply;
        end if;
        v_told := v_told || test.told(p_incident, p_pathway);
    end loop;
    return array_to_string(v_told, ' / ');
end;
$$;
grant execute on function test.walked(text, text, text, text[]) to public;
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select is(test.walked(:'incident', test.referral(:'incident', 'LADO'), 'LADO', 'lead:confirm', 'lado:threshold_met', 'lado:record_outcome', 'lado:close'),
          'Your safeguarding lead is looking at this / The LADO is looking at this / The LADO is dealing with this / '
          || 'The LADO is dealing with this / The LADO has finished', 'the reporter is told of the LADO''s way, step by step');
select is(test.walked(:'incident', test.referral(:'incident', 'MASH'), 'MASH', 'lead:decline'),
          'Your safeguarding lead is looking at this / Your safeguarding lead has decided on another way', 'and of a proposal that was declined');
rollback;

-- A reporter whom their own report turns out to name: they give an e-mail address that the report gave for a witness.
begin;
set local role upstander_serve;
select test.filed('practitioner', jsonb_build_object('people', test.facts() -> 'people'
    || test.person('WITNESS', jsonb_build_object('email_index', md5('a second address'))))) as incident \gset
select test.filed('practitioner') as other \gset
reset role;
select set_config('upstander.request', gen_random_uuid()::text, true) \g /dev/null
set local role upstander_gate;
select account_index_set(test.account('practitioner'), jsonb_build_array(jsonb_build_object('kind', 'EMAIL', 'value', md5('a second address')))) \g /dev/null
reset role;
select is((select string_agg(i.reference || ' ' || x.ground, ',') from case_exclusion x join incident i on i.id = x.incident_id
            where x.account_id = test.account('practitioner')), :'incident' || ' IDENTITY', 'the match is found when the address is given, in that report alone');
set local role upstander_serve;
select test.sign_in('practitioner', 'INCIDENT_READ') \g /dev/null
select r.outcome as outcome, r.body as body from incident_get(:'incident') r \gset
select is(:'outcome' || ' ' || (:'body'::json ->> 'mine') || ' ' || (:'body'::json ->> 'worked'), 'ok true false', 'they keep the reporter''s view');
select is((select string_agg(x ->> 'pathway', ',' order by x ->> 'pathway') from json_array_elements(:'body'::json -> 'referrals') x), 'LADO,MASH',
          'and are told how it stands');
select is((select string_agg(x ->> 'reference', ',' order by x ->> 'reference' collate "C")
             from json_array_elements((incident_list(status, null, null, pathway, null, null, null, null, 50)).body::json -> 'items') x),
          found, format('among reports %s %s', status, pathway))
  from (values (null, 'LADO', concat_ws(',', :'incident', :'other')), (null, 'AGENCY', null), ('SUBMITTED', 'MASH', concat_ws(',', :'incident', :'other')),
               ('CLOSED', 'LADO', null)) v(status, pathway, found);
select is((select count(*) from referral f join incident i on i.id = f.incident_id where i.reference = :'incident'), 0::bigint, 'no referral of it is theirs to see');
select is((test.step('lead', test.referral(:'incident', 'LADO'), 'confirm')).outcome, 'ok', 'its lead works on it as before');
select is((incident_get(:'incident')).body::json ->> 'status', 'IN_PROGRESS', 'and they see that it is') from (select test.sign_in('practitioner', 'INCIDENT_READ') offset 0) s;
rollback;
select * from finish();
