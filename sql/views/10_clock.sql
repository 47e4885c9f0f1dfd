-- Representations that several functions share. They run as their caller, under row level security.
set role upstander_owner;

create or replace view referral_clock with (security_invoker = true) as
    select c.referral_id, c.started_at, k.sort, json_build_object(
               'clock', c.clock, 'label', k.label, 'started_at', instant(c.started_at), 'due_at', instant(c.due_at),
               'stopped_at', instant(c.stopped_at), 'status', clock_status(c.due_at, c.stopped_at, c.paused_at, c.not_applicable, t.now),
               'working_days_late', working_days_late(c.due_at, coalesce(c.stopped_at, t.now)),
               'amount', k.amount, 'unit', k.unit, 'source', k.source) as body
      from clock c
      join pathway_clock k on k.version_id = c.version_id and k.clock = c.clock
     cross join lateral (select upstander_now() offset 0) t (now);
comment on view referral_clock is 'A clock as the API shows it.';
grant select on referral_clock to upstander_serve;
reset role;
