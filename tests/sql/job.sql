-- What happens by itself: silence passes the lead by, and what was never a record is swept. As the worker's role.
select no_plan();
create function test.work() returns integer language plpgsql as $$
begin
    perform verdict from upstander.job_context(gen_random_uuid()::text);
    return (upstander.job_pass_by(200)).body::json ->> 'moved';
end;
$$;
create function test.stand(p_referral text) returns text language plpgsql security definer set search_path = test, upstander, pg_catalog as $$
begin
    return (select concat_ws(' ', f.state, f.n, coalesce((select o.slug from unit u join organisation o on o.id = u.organisation_id where u.id = f.unit_id), 'nobody'),
                             case when f.new_for_unit then 'new' end, i.status, (select string_agg(c.clock || ':' || clock_status(c.due_at, c.stopped_at,
                             c.paused_at, c.not_applicable, upstander_now()), ' ' order by c.started_at, c.clock) from clock c where c.referral_id = f.id))
              from referral f join incident i on i.id = f.incident_id where f.reference = p_referral);
end;
$$;
grant execute on function test.work(), test.stand(text) to public;

begin;
select set_config('test.now', '2026-03-26 15:00+00', true) \g /dev/null
set local role upstander_serve;
select test.filed('practitioner') as incident \gset
select test.referral(:'incident', 'LADO') as lado, test.referral(:'incident', 'MASH') as mash \gset
set local role upstander_work;
select is(test.work(), 0, 'nothing moves before the deadline');
select set_config('test.now', '2026-03-27 23:59:59+00', true) \g /dev/null
select is(test.work(), 0, 'nor at the deadline itself');
set local role upstander_serve;
select is((test.step('lead', :'mash', 'decline')).outcome, 'ok', 'the lead answers one of two in the last second');
set local role upstander_work;
select set_config('test.now', '2026-03-28 00:00:01+00', true) \g /dev/null
select is(test.work(), 1, 'after it, what nobody answered moves');
select is(test.stand(:'lado'), 'REFERRED 1 harbourside-lado new IN_PROGRESS REFER:MET_LATE ACK_EVAL:RUNNING', 'to the receiving desk, whose clock starts');
select is(test.stand(:'mash'), 'DECLINED 1 nobody new IN_PROGRESS REFER:NOT_APPLICABLE', 'what was answered stays');
select is(test.work(), 0, 'and a second look finds nothing more');
reset role;
select is(format('%s %s %s', e.role, e.actor is null, e.object ~ ' pass_by$'), 'SYSTEM t t', 'an event says that no person did it')
  from audit_event e join incident i on i.id = e.case_id where i.reference = :'incident' order by e.id desc limit 1;
select is(e.actor_id, null, 'and so does the step') from referral_event e join referral f on f.id = e.referral_id where f.reference = :'lado' and e.transition = 'pass_by';
select is(string_agg(o.kind || ' ' || (o.unit_id = test.unit('harbourside-lado', 'LADO')), ', '), 'REFERRAL_WAITING true', 'the desk is told')
  from outbox o join referral f on f.id = o.referral_id where f.reference = :'lado' and o.unit_id <> test.unit('example-school', 'LEAD');
select is(i.case_n, max(e.case_n), 'the case stands where its chain does') from incident i join audit_event e on e.case_id = i.id
 where i.reference = :'incident' group by i.case_n;
set local role upstander_serve;
select test.sign_in('lado') \g /dev/null
select is((referral_get(:'lado')).outcome, 'ok', 'the desk has the case');
select is((test.step('lado', :'lado', 'threshold_met')).outcome, 'ok', 'and can decide');
rollback;

-- A case that somebody is working on is left for the next time.
begin;
select set_config('test.now', '2026-03-26 15:00+00', true) \g /dev/null
set local role upstander_serve;
select test.referral(test.filed('practitioner'), 'LADO') as lado \gset
commit;
select test.connect('lead') \g /dev/null
select dblink_exec('lead', 'begin') \g /dev/null
select dblink_exec('lead', $$ set local test.now = '2026-03-27 10:00+00' $$) \g /dev/null
select * from dblink('lead', format($$ select (test.step('lead', %L, 'confirm')).outcome $$, :'lado')) x(outcome text) \g /dev/null
begin;
select set_config('test.now', '2026-03-28 10:00+00', true) \g /dev/null
set local role upstander_work;
select is(test.work(), 0, 'a case that the lead has in hand is not waited for');
commit;
select dblink_exec('lead', 'commit') \g /dev/null
begin;
select set_config('test.now', '2026-03-28 10:00+00', true) \g /dev/null
set local role upstander_work;
select is(test.work(), 1, 'the other referral of the case moves later');
select is(split_part(test.stand(:'lado'), ' ', 2), '1', 'and the lead''s own answer stands');
commit;

-- Sweeping.
begin;
insert into idempotency (account_id, key, hash, object_id, at) values
    (test.account('lead'), 'old', repeat('a', 64), gen_random_uuid(), now() - interval '25 hours'),
    (test.account('lead'), 'new', repeat('a', 64), gen_random_uuid(), now() - interval '23 hours');
insert into sign_in_failure (bucket, at) values ('old', now() - interval '2 hours'), ('new', now());
insert into draft (id, account_id, form, wrapped, sealed, incident_key, retention_due, legal_hold) values
    (gen_random_uuid(), test.account('lead'), 'old', '', '', '', current_date - 1, false), (gen_random_uuid(), test.account('lead'), 'held', '', '', '', current_date - 1, true),
    (gen_random_uuid(), test.account('lead'), 'new', '', '', '', current_date, false);
set local role upstander_work;
select is((job_sweep()).outcome, 'ok', 'the worker sweeps');
reset role;
select is((select string_agg(key, ',') from idempotency where account_id = test.account('lead')), 'new', 'keys after a day');
select is((select string_agg(bucket, ',') from sign_in_failure), 'new', 'failed sign-ins after an hour');
select is((select string_agg(form, ',' order by form) from draft), 'held,new', 'drafts at the end of their retention, unless they are held');
rollback;

-- What the worker's role may never do.
begin;
set local role upstander_work;
select verdict from job_context(gen_random_uuid()::text) \g /dev/null
select throws_ok(statement, '42501', null, format('the worker may not: %s', statement)) from unnest(array[
    'select account_sealed from incident', 'select * from incident_person', 'select * from data_key', 'select text_sealed from addition', 'select sealed from referral_event',
    'select sealed from draft', 'select password from account', 'select * from audit_event', 'delete from incident', 'update clock set due_at = now()', 'delete from audit_detail',
    'insert into incident default values', 'update account set ended_at = now()', 'create temp table x ()']) statement;
rollback;
select is((select count(*) from referral where state = 'PROPOSED' and due_at < '2026-03-28'), 0::bigint, 'nothing is left that silence should have moved');
select * from finish();
