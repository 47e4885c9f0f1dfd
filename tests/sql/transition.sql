-- The steps of a referral: what the definition allows, and nothing else, whoever asks.
select no_plan();

-- A referral of a new report, on its pathway, that has gone the given way. 'name:step,name:step,...'
create function test.walked(p_pathway text, p_way text) returns text language plpgsql as $$
declare
    v_referral text := test.referral(test.filed('practitioner', case p_pathway when 'AGENCY'
        then jsonb_build_object('people', jsonb_build_array(test.person('TARGET_STAFF'))) else '{}' end), p_pathway);
    v_step text;
    v_reply upstander.reply;
begin
    foreach v_step in array string_to_array(p_way, ',') loop
        v_reply := test.step(split_part(v_step, ':', 1), v_referral, split_part(v_step, ':', 2));
        if v_reply.outcome <> 'ok' then
            raise exception '% of %: %', v_step, p_way, v_reply;
        end if;
    end loop;
    return v_referral;
end;
$$;
grant execute on function test.walked(text, text) to public;
create function test.state(p_referral text) returns text language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    return (select state from referral where reference = p_referral);
end;
$$;
grant execute on function test.state(text) to public;

-- One way to each state. Every legal step is the last of a way below; the table is compared with the definitions.
create table test.way (pathway text, way text, state text);
insert into test.way (pathway, way, state) values
    ('LADO', '', 'PROPOSED'),
    ('LADO', 'lead:confirm', 'REFERRED'),
    ('LADO', 'lead:change', 'REFERRED'),
    ('LADO', 'lead:decline', 'DECLINED'),
    ('LADO', 'lead:decline,lado:take_up', 'REFERRED'),
    ('LADO', 'lead:confirm,lado:threshold_met', 'THRESHOLD_MET'),
    ('LADO', 'lead:confirm,lado:threshold_not_met', 'THRESHOLD_NOT_MET'),
    ('LADO', 'lead:confirm,lado:threshold_met,lado:record_outcome', 'OUTCOME_RECORDED'),
    ('LADO', 'lead:confirm,lado:threshold_not_met,lado:close', 'CLOSED'),
    ('LADO', 'lead:confirm,lado:threshold_met,lado:record_outcome,lado:close', 'CLOSED'),
    ('AGENCY', '', 'OPEN'),
    ('AGENCY', 'lead:acknowledge', 'ACKNOWLEDGED'),
    ('AGENCY', 'lead:respond', 'RESPONDED'),
    ('AGENCY', 'lead:acknowledge,deputy:respond', 'RESPONDED'),
    ('AGENCY', 'lead:respond,lead:close', 'CLOSED'),
    ('MASH', '', 'PROPOSED'),
    ('MASH', 'deputy:confirm', 'CONTACT'),
    ('MASH', 'deputy:change', 'CONTACT'),
    ('MASH', 'deputy:decline', 'DECLINED'),
    ('MASH', 'lead:decline,mash:take_up', 'CONTACT'),
    ('MASH', 'lead:confirm,mash:screen', 'SCREENED'),
    ('MASH', 'lead:confirm,mash.manager:decide', 'DECIDED'),
    ('MASH', 'lead:confirm,mash:screen,mash.manager:decide', 'DECIDED'),
    ('MASH', 'lead:confirm,mash.manager:decide,mash.manager:close', 'CLOSED');
grant select on test.way to public;

begin;
set local role upstander_serve;
select is(test.state(test.walked(w.pathway, w.way)), w.state, format('%s: %s leads to %s', w.pathway, coalesce(nullif(w.way, ''), 'filing'), w.state))
  from test.way w;
-- What came to the partnership's intake, for want of a desk, goes on to an authority that can act.
select is(format('%s %s', (test.step('lead', referral, 'change', '[]', '{"area": "E09000012"}')).outcome,
                 (test.step('intake', referral, 'send_on', '[]', '{"area": "X12"}')).outcome), 'ok ok', format('the intake sends a %s on', pathway))
  from unnest(array['LADO', 'MASH']) pathway, lateral (select test.referral(test.filed('practitioner'), pathway) as referral offset 0) r;
reset role;
select is((select string_agg(v.pathway || ' ' || t.from_state || ' ' || t.transition, ', ') from pathway_transition t join pathway_version v on v.id = t.version_id
            where t.side <> 'SYSTEM'
              and not exists (select from referral_event e where (e.version_id, e.from_state, e.transition) = (t.version_id, t.from_state, t.transition))),
          null, 'every step that a person may take has been taken');
rollback;

-- Every pair of state and step that is not in the definition, as the person who could take the most.
begin;
set local role upstander_serve;
select is((select string_agg(distinct outcome, ',') from unnest(names) name,
                  lateral (select (test.step(name, referral, step)).outcome offset 0) r), 'conflict',
          format('%s: from %s nobody can %s', pathway, state, step))
  from (select distinct on (w.pathway, w.state) w.pathway, w.state, test.walked(w.pathway, w.way) as referral from test.way w
         order by w.pathway, w.state, length(w.way)) s
  cross join lateral (select distinct t.transition as step from pathway_transition t
                       where not exists (select from pathway_transition x join pathway_version v on v.id = x.version_id
                                          where v.pathway = s.pathway and x.from_state = s.state and x.transition = t.transition and x.side <> 'SYSTEM')
                      union all select 'no_such_step') t
  cross join lateral (select case when s.state = 'PROPOSED' or s.pathway = 'AGENCY' then array['lead']
                                  when s.pathway = 'LADO' then array['lead', 'lado'] else array['lead', 'mash', 'mash.manager'] end) n(names);
rollback;

-- A step belongs to the roles of its side.
begin;
set local role upstander_serve;
select is((test.step(name, test.walked(pathway, way), step)).outcome, outcome, format('%s: %s cannot %s after %s', pathway, name, step, coalesce(nullif(way, ''), 'filing')))
  from (values
    ('LADO', '', 'practitioner', 'confirm', 'denied'), ('LADO', '', 'lado', 'confirm', 'absent'),
    ('LADO', '', 'lead.oldquay', 'confirm', 'absent'), ('LADO', '', 'auditor', 'confirm', 'denied'),
    ('LADO', 'lead:confirm', 'lead', 'threshold_met', 'conflict'), ('LADO', 'lead:confirm', 'mash.manager', 'threshold_met', 'absent'),
    ('LADO', 'lead:confirm', 'lado.oldquay', 'threshold_met', 'absent'), ('LADO', 'lead:decline', 'lead', 'take_up', 'conflict'),
    ('MASH', 'lead:confirm', 'mash', 'decide', 'conflict'), ('MASH', 'lead:confirm', 'lado', 'decide', 'absent'),
    ('MASH', 'lead:confirm', 'lead', 'screen', 'conflict'), ('MASH', 'lead:confirm', 'mash.oldquay', 'decide', 'absent'),
    ('MASH', 'lead:confirm,mash.manager:decide', 'mash', 'close', 'conflict')) v(pathway, way, name, step, outcome);
rollback;

-- The foreign keys refuse what the functions would never ask for.
begin;
set local role upstander_serve;
select test.walked('LADO', 'lead:confirm') as referred \gset
select test.walked('LADO', 'lead:confirm,lado:threshold_not_met') as not_met \gset
select test.walked('LADO', 'lead:confirm,lado:threshold_met') as met \gset
reset role;
create function test.event_write(p_referral text, p_n integer, p_from text, p_step text, p_to text) returns text language plpgsql as $$
declare
    v_constraint text;
begin
    perform set_config('upstander.request', gen_random_uuid()::text, true), upstander.audit_append('UPDATE', 'test', null, false);
    insert into upstander.referral_event (referral_id, n, version_id, from_state, transition, to_state, happened_at, audit_id)
    select f.id, f.n + p_n, f.version_id, p_from, p_step, p_to, clock_timestamp(), 0 from upstander.referral f where f.reference = p_referral;
    return 'written';
exception when integrity_constraint_violation then
    get stacked diagnostics v_constraint = constraint_name;
    return v_constraint;
end;
$$;
create function test.code_write(p_referral text, p_list text, p_code text) returns text language plpgsql as $$
declare
    v_constraint text;
begin
    insert into upstander.referral_code (referral_id, n, field, list, code)
    select f.id, f.n, 'test', p_list, p_code from upstander.referral f where f.reference = p_referral;
    return 'written';
exception when integrity_constraint_violation then
    get stacked diagnostics v_constraint = constraint_name;
    return v_constraint;
end;
$$;
grant execute on function test.event_write(text, integer, text, text, text), test.code_write(text, text, text) to public;
select is(test.event_write(:'referred', n, from_state, step, to_state), refused, says)
  from (values
    (1, 'REFERRED', 'record_outcome', 'OUTCOME_RECORDED', 'referral_event_allowed', 'a step that the definition lacks is refused even to a superuser'),
    (1, 'REFERRED', 'threshold_met', 'CLOSED', 'referral_event_allowed', 'so is a step to another state than its own'),
    (1, 'THRESHOLD_MET', 'record_outcome', 'OUTCOME_RECORDED', 'referral_event_follows', 'so is a step from a state where the referral is not'),
    (2, 'REFERRED', 'threshold_met', 'THRESHOLD_MET', 'referral_event_follows', 'so is a step that skips a number'),
    (0, 'PROPOSED', 'confirm', 'REFERRED', 'referral_event_pkey', 'so is a second step of the same number'),
    (-1, null, null, 'CLOSED', 'referral_event_pkey', 'so is a second beginning')) v(n, from_state, step, to_state, refused, says);
select throws_ok(format($$ update referral set state = 'CLOSED' where reference = %L $$, :'referred'), '23503', null,
                 'a referral cannot stand where its history does not');
select throws_ok(format($$ insert into referral_event (referral_id, n, version_id, to_state, happened_at, audit_id)
                           select gen_random_uuid(), 0, version_id, 'REFERRED', now(), 0 from referral where reference = %L $$, :'referred'), '23503', null,
                 'a referral cannot begin anywhere but where the definition says');
select is(test.code_write(:'referred', 'outcome_lado', 'SUBSTANTIATED'), 'referral_outcome_needs_threshold_met',
          'an outcome before the threshold decision is refused even to a superuser');
select throws_ok(format($$ insert into threshold_decision (referral_id, version_id, decision, n) select id, version_id, 'MET', n from referral where reference = %L $$, reference),
                 '23503', null, 'a decision of met that nobody took cannot be written either')
  from (values (:'referred'), (:'not_met')) v(reference);
select is(test.code_write(:'not_met', 'outcome_lado', 'SUBSTANTIATED'), 'referral_outcome_needs_threshold_met',
          'so is an outcome after a decision of not met');
select is(test.code_write(:'met', 'outcome_lado', 'SUBSTANTIATED'), 'written', 'after a decision of met it stands');
select is(test.code_write(:'met', 'outcome_lado', 'NO_SUCH'), 'referral_code_known', 'and must be of the list');
set local role upstander_owner;
select throws_ok($$ update pathway_transition set to_state = 'CLOSED' where transition = 'threshold_met' $$, '23503', null,
                 'the owner cannot bend a definition under the cases that used it');
rollback;

-- A stale page, an odd time.
begin;
set local role upstander_serve;
select test.walked('LADO', 'lead:confirm') as referral \gset
select test.sign_in('lado', 'REFERRAL_TAKE') \g /dev/null
select is(outcome || ' ' || etag, 'stale 1', 'a step from a page of yesterday is stale, and says where the referral stands')
  from referral_take(:'referral', 'threshold_met', '0', null, '{}', '[]', test.new_id(), 's1.x');
select is(outcome, 'stale', 'an ETag of tomorrow is stale too') from referral_take(:'referral', 'threshold_met', '2', null, '{}', '[]', test.new_id(), 's1.x');
select is((r).outcome || ' ' || ((r).body::json #>> '{errors,0,field}') || ' ' || ((r).body::json #>> '{errors,0,code}'),
          'invalid /happened_at in_future', 'what has not happened yet cannot be recorded')
  from (select test.step('lado', :'referral', 'threshold_met', '[]', '{}', clock_timestamp() + interval '2 hours') as r offset 0) x;
select is((r).outcome || ' ' || ((r).body::json #>> '{errors,0,field}') || ' ' || ((r).body::json #>> '{errors,0,code}'),
          'invalid /happened_at before_last_step', 'nor what happened before the step before it')
  from (select test.step('lado', :'referral', 'threshold_met', '[]', '{}', clock_timestamp() - interval '2 hours') as r offset 0) x;
select is((test.step('lado', :'referral', 'threshold_met', '[{"field": "criteria", "list": "lado_criterion", "code": "NO_SUCH"}]')).outcome, 'invalid',
          'an unknown code is refused');
select is(test.state(:'referral'), 'REFERRED', 'and none of these moved it');
reset role;
select is((select count(*) from referral_event e join referral f on f.id = e.referral_id where f.reference = :'referral'), 2::bigint, 'nor left a step');
select is((select f.n::bigint + 1 from referral f where f.reference = :'referral'),
          (select count(*) from audit_event a join referral f on f.incident_id = a.case_id where f.reference = :'referral' and a.case_n is not null),
          'nor an event in the chain of the case');
rollback;

-- Clocks, dues and hands, as time goes by.
begin;
set local role upstander_serve;
select set_config('test.now', '2026-03-26 15:00+00', true) \g /dev/null
select test.referral(test.filed('practitioner'), 'LADO') as referral \gset
reset role;
create function test.stand(p_referral text) returns text language plpgsql security definer set search_path = test, upstander, pg_catalog as $$
begin
    return (select concat_ws(' ', f.state, case when f.due_at < '9999-01-01' then to_char(f.due_at, 'YYYY-MM-DD') else 'never' end,
                             coalesce((select o.slug from unit u join organisation o on o.id = u.organisation_id where u.id = f.unit_id), 'nobody'),
                             case when f.new_for_unit then 'new' end, case when f.closed_at is not null then 'closed' end, i.status,
                             (select string_agg(c.clock || ':' || clock_status(c.due_at, c.stopped_at, c.paused_at, c.not_applicable, upstander_now()), ' '
                                                order by c.started_at, c.clock) from clock c where c.referral_id = f.id))
              from referral f join incident i on i.id = f.incident_id where f.reference = p_referral);
end;
$$;
grant execute on function test.stand(text) to public;
set local role upstander_serve;
select is(test.stand(:'referral'), 'PROPOSED 2026-03-27 example-school new SUBMITTED REFER:RUNNING', 'a proposal waits for the lead, due the next working day');
select set_config('test.now', '2026-03-28 09:00+00', true) \g /dev/null
select is(test.stand(:'referral'), 'PROPOSED 2026-03-27 example-school new SUBMITTED REFER:BREACHED', 'the day after it is late');
select is((test.step('lead', :'referral', 'confirm')).outcome, 'ok', 'the lead confirms it, late');
select is(test.stand(:'referral'), 'REFERRED 2026-03-30 harbourside-lado new IN_PROGRESS REFER:MET_LATE ACK_EVAL:RUNNING',
          'then it waits for the LADO, on the next clock');
select is((test.step('lado', :'referral', 'threshold_met', '[{"field": "criteria", "list": "lado_criterion", "code": "HARMED"}]')).outcome, 'ok', 'the LADO decides');
select is(test.stand(:'referral'), 'THRESHOLD_MET never harbourside-lado IN_PROGRESS REFER:MET_LATE ACK_EVAL:MET', 'no clock runs after the decision');
select is((test.step('lado', :'referral', 'record_outcome', '[{"field": "outcome", "list": "outcome_lado", "code": "SUBSTANTIATED"}]')).outcome, 'ok', 'an outcome is recorded');
select is((test.step('lado', :'referral', 'close')).outcome, 'ok', 'and the referral closed');
select is(test.stand(:'referral'), 'CLOSED never nobody closed IN_PROGRESS REFER:MET_LATE ACK_EVAL:MET',
          'a closed referral waits for nobody, while the case''s other referral goes on');
select set_config('test.now', '', true) \g /dev/null
rollback;

-- What a lead declines is shown to the desk and to quality assurance, with the reason, and can be taken up.
begin;
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select test.referral(:'incident', 'MASH') as referral \gset
select test.sign_in('mash.manager') \g /dev/null
select is((referral_get(:'referral')).outcome, 'absent', 'before it, the desk knows of nothing');
select is((test.step('lead', :'referral', 'decline', '[{"field": "decline_reason", "list": "decline_reason", "code": "DUPLICATE"}]')).outcome, 'ok', 'a lead declines');
select is(test.state(:'referral'), 'DECLINED', 'it stands as declined');
select is((test.sign_in(name), (r).outcome, (r).body::json ->> 'state', (r).body::json #>> '{history,0,texts}' is not null)::text,
          format('(ok,ok,DECLINED,t)'), format('%s sees that it was declined, and the reason', name))
  from unnest(array['mash.manager', 'auditor', 'lead']) name, lateral (select test.sign_in(name)) s, lateral (select referral_get(:'referral') as r offset 0) x;
select test.sign_in('lado') \g /dev/null
select is((referral_get(:'referral')).outcome, 'absent', 'other desks do not');
reset role;
select is((select string_agg(o.slug, ',') from outbox x join unit u on u.id = x.unit_id join organisation o on o.id = u.organisation_id
             join referral f on f.id = x.referral_id where f.reference = :'referral' and x.kind = 'REFERRAL_DECLINED'), 'harbourside-mash', 'the desk is told');
set local role upstander_serve;
select is(((r).body::json #>> '{counts,declined}') || ' ' || ((r).body::json #>> '{items,0,reference}'), '1 ' || :'referral', 'mash finds it among what was declined')
  from (select test.sign_in('mash') offset 0) s, lateral (select referral_list(null, null, 'DECLINED', null, null, null, 50) as r offset 0) x;
select is(((r).body::json #>> '{counts,declined}') || ' ' || ((r).body::json #>> '{items,0,reference}'), '1 ' || :'referral', 'auditor finds it among what was declined')
  from (select test.sign_in('auditor') offset 0) s, lateral (select referral_list(null, null, 'DECLINED', null, null, null, 50) as r offset 0) x;
select is((r).body::json ->> 'acknowledged', format('["%s"]', :'referral'), 'the desk acknowledges it')
  from (select test.sign_in('mash') offset 0) s, lateral (select referral_acknowledge(jsonb_build_array(:'referral')) as r offset 0) x;
select is((r).body::json #>> '{counts,declined}', '0', 'and it has left the list')
  from (select test.sign_in('mash') offset 0) s, lateral (select referral_list(null, null, null, null, null, null, 50) as r offset 0) x;
select is((test.step('mash', :'referral', 'take_up')).outcome, 'ok', 'the desk takes it up all the same');
reset role;
select is((select state || ' ' || (closed_at is null) || ' ' || new_for_unit || ' ' || (unit_id = desk_unit_id) from referral where reference = :'referral'),
          'CONTACT true true true', 'and it is open again and waits for the desk');
rollback;

-- Sent to another authority.
begin;
set local role upstander_serve;
select test.referral(test.filed('practitioner'), 'LADO') as referral \gset
select is((test.step('lead', :'referral', 'change', '[]', '{"area": "X01"}')).outcome, 'ok', 'a lead sends it to another authority');
select test.sign_in('lado.oldquay') \g /dev/null
select is((referral_get(:'referral')).outcome, 'ok', 'whose desk has it');
select test.sign_in('lado') \g /dev/null
select is((referral_get(:'referral')).outcome, 'absent', 'and the other knows of nothing');
select test.referral(test.filed('practitioner'), 'LADO') as referral \gset
select is((test.step('lead', :'referral', 'change', '[]', '{"area": "E09000012"}')).outcome, 'ok', 'or to one outside the partnership');
select test.sign_in('intake') \g /dev/null
select is((referral_get(:'referral')).outcome, 'ok', 'which the desk of no authority sends on');
select test.referral(test.filed('practitioner'), 'LADO') as referral \gset
select is((test.step('lead', :'referral', 'change', '[]', '{"area": "E00000000"}')).outcome, 'invalid', 'but not to one that does not exist');
rollback;

-- Two people decide at the same moment: one does, the other is told.
begin;
set local role upstander_serve;
select test.walked('LADO', 'lead:confirm') as referral \gset
commit;
select test.connect('other') \g /dev/null
select dblink_exec('other', 'begin') \g /dev/null
select is(outcome, 'ok', 'one decides')
  from dblink('other', format($$ select (test.step('lado', %L, 'threshold_met')).outcome $$, :'referral')) x(outcome text);
select test.connect('third') \g /dev/null
select dblink_send_query('third', format($$ select outcome from (select test.sign_in('lado') offset 0) s,
       lateral (select outcome from upstander.referral_take(%L, 'threshold_not_met', '1', null, '{}', '[]', test.new_id(), 's1.x') offset 0) t $$, :'referral')) \g /dev/null
select pg_sleep(0.3) \g /dev/null
select is(dblink_is_busy('third'), 1, 'the other waits for them');
select dblink_exec('other', 'commit') \g /dev/null
select is(outcome, 'stale', 'and is told that the referral has moved') from dblink_get_result('third') x(outcome text);
select is(test.state(:'referral'), 'THRESHOLD_MET', 'the first decision stands');
select * from finish();
