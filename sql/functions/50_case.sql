-- Opening a case: which pathways its facts call for, from whom it is hidden, to whom it is shown. These functions must see
-- accounts and cases that the reporter may not, so they belong to upstander_gate and run as it.
set role upstander_gate;

-- Which referrals the facts propose, and why (domain 4.3). p_facts is what incident_file takes; only codes are read. One
-- row per pathway and authority; several reasons are joined. Rules propose, people decide.
create or replace function route_propose(p_facts jsonb)
returns table (pathway text, version_id uuid, area text, desk_unit_id uuid, desk_name text, because text)
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_organisation_area text := (select o.area from organisation o where o.slug = p_facts ->> 'organisation');
begin
    return query
    with matched as (
        select v.pathway as m_pathway, v.id as m_version, r.n, r.because as m_because,
               (select g.area from unnest(r.geography) with ordinality t(fact, n)
                 cross join lateral (select case t.fact
                        when 'workplace_authority' then p ->> 'workplace_authority'
                        when 'home_authority' then p ->> 'home_authority'
                        when 'looked_after_by' then p ->> 'looked_after_by'
                        when 'occurred_in' then p_facts ->> 'occurred_in'
                        when 'organisation' then v_organisation_area end) g(area)
                 where g.area is not null order by t.n limit 1) as m_area
          from pathway_version v
          join pathway_rule r on r.version_id = v.id
          cross join lateral jsonb_array_elements(p_facts -> 'people') p
         where v.valid_to is null and v.valid_from <= current_date
           and p ->> 'role' = any (r.person_roles)
           and (r.works_with_children is null or p ->> 'works_with_children' = any (r.works_with_children))
           and (r.harm is null or p_facts ->> 'harm' = any (r.harm))
           and (r.immediate_danger is null or (p_facts ->> 'immediate_danger')::boolean = r.immediate_danger)
           -- An age that is not known fits: rules propose, people decide.
           and coalesce((p ->> 'age')::integer >= r.age_from, true)
           and coalesce((p ->> 'age')::integer <= r.age_to, true))
    select m.m_pathway, m.m_version, m.m_area, d.unit_id, o.name,
           string_agg(distinct m.m_because, ' ' order by m.m_because)
      from matched m
      join lateral (select k.unit_id from desk k where k.pathway = m.m_pathway and (k.area = m.m_area or k.area is null)
                     order by k.area nulls last limit 1) d on true
      join unit u on u.id = d.unit_id join organisation o on o.id = u.organisation_id
     group by 1, 2, 3, 4, 5
     order by 1, 3;
end;
$$;

-- Hides the case from every account that the people named in it match: by name and birth date or by e-mail for good, by
-- name alone until a case administrator clears it. The reporter keeps sight of the report they sent.
create or replace function case_exclude_named(p_incident uuid, p_reporter uuid) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    insert into case_exclusion (incident_id, account_id, ground, audit_id)
    select distinct p_incident, x.account_id, case when x.kind = 'NAME' then 'NAME' else 'IDENTITY' end, 0
      from incident_person p
      join account_index x on x.value in (p.name_index, p.name_birth_index, p.email_index)
     where p.incident_id = p_incident and x.account_id is distinct from p_reporter
        on conflict do nothing;
end;
$$;

-- Whether somebody of the unit holds the role and may know of the case.
create or replace function unit_has_free_member(p_unit uuid, p_role text, p_incident uuid) returns boolean
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return exists (select from role_grant g join account a on a.id = g.account_id
                    where g.unit_id = p_unit and g.role = p_role and grant_counts(g) and a.ended_at is null
                      and not exists (select from case_exclusion x where x.incident_id = p_incident
                                         and x.account_id = a.id and x.cleared_at is null));
end;
$$;

-- Shows a case to a unit, once.
create or replace function case_show(p_incident uuid, p_referral uuid, p_unit uuid, p_reason text) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    insert into case_access (incident_id, referral_id, unit_id, reason, audit_id)
    select p_incident, p_referral, p_unit, p_reason, 0
     where not exists (select from case_access where incident_id = p_incident and unit_id = p_unit
                          and (referral_id is null or referral_id = p_referral) and until is null);
end;
$$;

-- Opens the clocks of a referral that start with a state, stops those that it stops, and gives the next due time.
create or replace function clock_turn(p_referral uuid, p_version uuid, p_state text, p_happened timestamptz)
returns timestamptz language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    update clock c set stopped_at = p_happened, stopped_entered_at = clock_timestamp(), paused_at = null, pause_reason = null
      from pathway_clock_stop s
     where c.referral_id = p_referral and c.stopped_at is null and not c.not_applicable
       and s.version_id = c.version_id and s.clock = c.clock and s.state = p_state;
    insert into clock (referral_id, version_id, clock, started_at, due_at, audit_id)
    select p_referral, p_version, k.clock, p_happened, clock_due(p_happened, k.amount, k.unit), 0
      from pathway_clock k
     where k.version_id = p_version and k.start_on = 'ENTER' and k.start_state = p_state
       and not exists (select from clock c where c.referral_id = p_referral and c.clock = k.clock and c.stopped_at is null);
    return coalesce((select min(due_at) from clock where referral_id = p_referral and stopped_at is null and paused_at is null
                        and not not_applicable), '9999-12-31 00:00:00+00');
end;
$$;

-- Starts the clocks of a new referral, which run from when the agency became aware or from the state it begins in, and gives the
-- first due time.
create or replace function clock_start(p_referral uuid, p_version uuid, p_state text, p_happened timestamptz, p_aware timestamptz)
returns timestamptz language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_due timestamptz;
begin
    with started as (
        insert into clock (referral_id, version_id, clock, started_at, due_at, audit_id)
        select p_referral, p_version, k.clock, t.started, clock_due(t.started, k.amount, k.unit), 0
          from pathway_clock k, lateral (select case k.start_on when 'AWARE' then p_aware else p_happened end) t(started)
         where k.version_id = p_version and (k.start_on = 'AWARE' or k.start_state = p_state)
        returning due_at)
    select min(due_at) into v_due from started;
    return coalesce(v_due, '9999-12-31 00:00:00+00');
end;
$$;

-- How a case stands, by all its referrals, also those that the actor may not know of.
create or replace function case_status(p_incident uuid) returns text
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return (select case when bool_and(closed_at is not null) then 'CLOSED' when bool_or(n > 0) then 'IN_PROGRESS' else 'SUBMITTED' end
              from referral where incident_id = p_incident);
end;
$$;

-- Tells a unit that a referral waits for it: one outbox row, before any mail is sent.
create or replace function outbox_tell(p_kind text, p_unit uuid, p_referral uuid) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    insert into outbox (kind, unit_id, referral_id) values (p_kind, p_unit, p_referral);
end;
$$;

-- Opens a referral as the rules propose it: its history, clocks, the row itself, who it is shown to and who is told. p_system is
-- why the lead is passed by, if they are.
create or replace function referral_open(i incident, p_id uuid, p_reference text, p_version uuid, p_pathway text, p_area text,
    p_because text, p_lead uuid, p_desk uuid, p_system text) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    s pathway_state;
    t pathway_transition;
    v_due timestamptz;
    v_unit uuid;
    v_n integer := 0;
begin
    select * into s from pathway_state where version_id = p_version and initial;
    insert into referral_event (referral_id, n, version_id, to_state, happened_at, unit_id, audit_id)
    values (p_id, 0, p_version, s.state, i.submitted_at, p_lead, 0);
    v_due := clock_start(p_id, p_version, s.state, i.submitted_at, i.aware_at);
    if p_system is not null then
        select * into t from pathway_transition where version_id = p_version and from_state = s.state and trigger_event = p_system;
        if found then
            v_n := 1;
            insert into referral_event (referral_id, n, version_id, from_state, transition, to_state, happened_at, audit_id)
            values (p_id, 1, p_version, s.state, t.transition, t.to_state, i.submitted_at, 0);
            v_due := clock_turn(p_id, p_version, t.to_state, i.submitted_at);
            select * into s from pathway_state where version_id = p_version and state = t.to_state;
        end if;
    end if;
    v_unit := case s.held_by when 'FROM' then p_lead when 'DESK' then p_desk end;
    insert into referral (id, reference, incident_id, version_id, pathway, state, n, area, because, from_unit_id, desk_unit_id,
                          unit_id, opened_at, due_at, retention_class, retention_from, retention_due, audit_id)
    values (p_id, p_reference, i.id, p_version, p_pathway, s.state, v_n, p_area, p_because, p_lead, p_desk,
            v_unit, i.submitted_at, v_due, i.retention_class, i.retention_from, i.retention_due, 0);
    if s.held_by = 'DESK' then
        perform case_show(i.id, p_id, p_desk, 'DESK');
    end if;
    if v_unit is not null then
        insert into outbox (kind, unit_id, referral_id) values ('REFERRAL_WAITING', v_unit, p_id);
    end if;
end;
$$;

-- Opens a case that was just filed: exclusions, the lead's sight of it, and the referrals that its facts propose.
-- p_facts as for incident_file; `spare` holds an id and a reference for each referral that may come of it.
create or replace function case_open(p_incident incident, p_facts jsonb) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_lead uuid := (select id from unit where organisation_id = p_incident.organisation_id and capability = 'LEAD');
    v_system text;
    p record;
begin
    perform case_exclude_named(p_incident.id, p_incident.reporter_id);
    if v_lead is not null then
        insert into case_access (incident_id, unit_id, reason, audit_id) values (p_incident.id, v_lead, 'LEAD', 0);
    end if;
    v_system := case when p_incident.immediate_danger then 'IMMEDIATE_DANGER'
                     when not unit_has_free_member(v_lead, 'AGENCY_LEAD', p_incident.id) then 'NO_FREE_LEAD' end;
    for p in select r.*, p_facts -> 'spare' -> (row_number() over ())::integer - 1 as spare from route_propose(p_facts) r loop
        perform referral_open(p_incident, (p.spare ->> 'id')::uuid, p.spare ->> 'reference', p.version_id, p.pathway, p.area, p.because,
                              v_lead, p.desk_unit_id, v_system);
    end loop;
    if v_system is not null then
        update incident set status = coalesce(case_status(id), status) where id = p_incident.id;
    end if;
end;
$$;
revoke all on function case_exclude_named(uuid, uuid), unit_has_free_member(uuid, text, uuid), case_show(uuid, uuid, uuid, text),
    clock_turn(uuid, uuid, text, timestamptz), clock_start(uuid, uuid, text, timestamptz, timestamptz),
    referral_open(incident, uuid, text, uuid, text, text, text, uuid, uuid, text), outbox_tell(text, uuid, uuid),
    case_open(incident, jsonb), route_propose(jsonb), case_status(uuid) from public;
grant execute on function route_propose(jsonb), case_status(uuid), case_open(incident, jsonb), case_show(uuid, uuid, uuid, text),
    clock_turn(uuid, uuid, text, timestamptz), outbox_tell(text, uuid, uuid),
    unit_has_free_member(uuid, text, uuid) to upstander_serve, upstander_work;
reset role;
