-- Representations that several functions share. They run as their caller, under row level security.
set role upstander_owner;

create or replace view referral_clock with (security_invoker = true) as
    select c.referral_id, c.started_at, k.sort, row (c.clock, k.label, c.started_at, c.due_at, c.stopped_at, c.paused_at, c.not_applicable,
                                                     k.amount, k.unit, k.source)::clock_parts as parts
      from clock c
      join pathway_clock k on k.version_id = c.version_id and k.clock = c.clock;
comment on view referral_clock is 'A clock with what its pathway''s definition says of it.';
grant select on referral_clock to upstander_serve;

-- The row is seen under its own policy first and remembered, so that what belongs to it is not asked the same again; sub-selects,
-- because they come after that. Whole rows, since a column costs more to describe than to carry.
create or replace view incident_whole with (security_invoker = true) as
    select i.id, i.reference, i as incident, o.slug as organisation, o.name as organisation_name,
           (select k.wrapped from data_key k where k.owner_id = i.id) as wrapped,
           array(select array[c.list, '"' || c.code || '"'] from incident_code c where c.incident_id = i.id order by c.list, c.code) as codes,
           array(select p from incident_person p where p.incident_id = i.id order by p.position) as people
      from incident i join organisation o on o.id = i.organisation_id
     where case_remember(i.id);
comment on view incident_whole is 'A report with what belongs to it.';
grant select on incident_whole to upstander_serve;
reset role;
