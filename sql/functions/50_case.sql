-- Opening a case: which pathways its facts call for, from whom it is hidden, to whom it is shown. These functions must see
-- accounts and cases that the reporter may not, so they belong to upstander_gate and run as it.
set role upstander_gate;

-- The desk that receives a pathway's referrals for an authority; the partnership's intake, which takes what has no other desk.
create or replace function desk_fallback(p_pathway text) returns uuid
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return coalesce((select k.unit_id from desk k where k.pathway = p_pathway and k.area is null),
                    (select u.id from unit u where u.capability = 'INTAKE' order by u.id limit 1));
end;
$$;

create or replace function desk_of(p_pathway text, p_area text) returns uuid
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return coalesce((select k.unit_id from desk k where k.pathway = p_pathway and k.area = p_area), desk_fallback(p_pathway));
end;
$$;

-- Which referrals the facts propose, and why (domain 4.3). p_facts is what incident_file takes; only codes are read. One
-- row per pathway and authority; several reasons are joined. Rules propose, people decide.
create or replace function route_propose(p_facts jsonb)
returns table (pathway text, version_id uuid, area text, desk_unit_id uuid, desk_name text, because text)
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_area text;
    v_lead uuid;
begin
    select o.area, u.id into v_area, v_lead from organisation o left join unit u on u.organisation_id = o.id and u.capability = 'LEAD'
     where o.slug = p_facts ->> 'organisation';
    return query
    with matched as materialized (
        select v.pathway as m_pathway, v.id as m_version, v.desk_capability, r.otherwise, place.area as m_area,
               array_remove(array[r.because, case when place.n is distinct from 1 then r.not_known end], null) as words
          from pathway_version v
          join pathway_rule r on r.version_id = v.id
          cross join lateral (select x from jsonb_array_elements(p_facts -> 'people') x where not r.otherwise
                              union all select '{}'::jsonb where r.otherwise) who(p)
          left join lateral (select g.area, t.n from unnest(r.geography) with ordinality t(fact, n)
                 cross join lateral (select case t.fact
                        when 'workplace_authority' then p ->> 'workplace_authority'
                        when 'home_authority' then p ->> 'home_authority'
                        when 'looked_after_by' then p ->> 'looked_after_by'
                        when 'occurred_in' then p_facts ->> 'occurred_in'
                        when 'organisation' then v_area end) g(area)
                 where g.area is not null order by t.n limit 1) place on true
         where v.valid_to is null and v.valid_from <= current_date
           and coalesce(p_facts ->> 'kind', 'INCIDENT') = any (r.kinds)
           and (r.otherwise or p ->> 'role' = any (r.person_roles))
           and (r.works_with_children is null or p ->> 'works_with_children' = any (r.works_with_children))
           and (r.harm is null or p_facts ->> 'harm' = any (r.harm))
           and (r.immediate_danger is null or (p_facts ->> 'immediate_danger')::boolean = r.immediate_danger)
           -- An age that is not known fits: rules propose, people decide.
           and coalesce((p ->> 'age')::integer >= r.age_from, true)
           and coalesce((p ->> 'age')::integer <= r.age_to, true))
    select m.m_pathway, m.m_version, m.m_area, d.unit_id, u.name, m.words
      from (select x.m_pathway, x.m_version, x.m_area, x.desk_capability, string_agg(distinct w, ' ' order by w) as words
              from matched x
             cross join unnest(x.words) w
             where not x.otherwise or not exists (select from matched y where not y.otherwise)
             group by 1, 2, 3, 4) m
     cross join lateral (select case when m.desk_capability = 'LEAD' then coalesce(v_lead, desk_fallback(m.m_pathway))
                                     else desk_of(m.m_pathway, m.m_area) end offset 0) d(unit_id)
      join unit u on u.id = d.unit_id
     order by 1, 3;
end;
$$;

-- Hides the case from every account that the people named in it match: by name and birth date or by e-mail for good, by
-- name alone, or first and last name, until a case administrator clears it. A reporter who is named keeps sight of the report they sent, as any reporter
-- has it (sql/access/10_policies.sql), and works on it no more than others whom it names.
create or replace function case_exclude_named(p_incident uuid) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    x record;
begin
    -- A loop, since hardly anybody is found and a statement that could write costs more to start than one that looks.
    for x in select distinct a.account_id, case when a.kind in ('NAME', 'NAME_ENDS') then 'NAME' else 'IDENTITY' end as ground
               from incident_person p
               join account_index a on a.value in (p.name_index, p.name_ends_index, p.name_birth_index, p.email_index)
              where p.incident_id = p_incident loop
        insert into case_exclusion (incident_id, account_id, ground, audit_id) values (p_incident, x.account_id, x.ground, 0)
            on conflict do nothing;
    end loop;
end;
$$;

-- Whether somebody of the unit can take steps and may know of the case.
create or replace function unit_has_free_member(p_unit uuid, p_incident uuid) returns boolean
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return exists (select from role_grant g join account a on a.id = g.account_id
                     join role_permission p on p.role = g.role and p.permission = 'REFERRAL_TAKE'
                    where g.unit_id = p_unit and grant_counts(g) and a.ended_at is null
                      and a.password is not null -- an invitation that nobody took up sees nothing
                      and not exists (select from case_exclusion x where x.incident_id = p_incident
                                         and x.account_id = a.id and x.cleared_at is null));
end;
$$;

-- The desk itself or, when nobody there may know of the case, the partnership's intake; the desk after all when nobody may there either.
create or replace function desk_free(p_incident uuid, p_pathway text, p_desk uuid) returns uuid
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return case when unit_has_free_member(p_desk, p_incident) or not unit_has_free_member(desk_fallback(p_pathway), p_incident)
                then p_desk else desk_fallback(p_pathway) end;
end;
$$;

-- Shows a case to a unit, once.
create or replace function case_show(p_incident uuid, p_referral uuid, p_unit uuid, p_reason text) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    perform audit_assert_change(p_incident);
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
    perform audit_assert_change((select incident_id from referral where id = p_referral));
    update clock c set not_applicable = s.not_applicable, stopped_at = case when not s.not_applicable then p_happened end,
           stopped_entered_at = case when not s.not_applicable then clock_timestamp() end, paused_at = null, pause_reason = null
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

-- How a case stands, by all its referrals, also those that the actor may not know of.
create or replace function case_status(p_incident uuid) returns text
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return (select case when bool_and(closed_at is not null) then 'CLOSED' when bool_or(n > 0) then 'IN_PROGRESS' else 'SUBMITTED' end
              from referral where incident_id = p_incident);
end;
$$;

-- What a report's reporter is told of its referrals: the pathway, how it stands, when its first step is due. A gate function, because
-- a reporter whom the report names is shown no referral.
create or replace function referrals_reported(p_incident uuid)
returns table (pathway text, reference text, version_id uuid, state text, due_at timestamptz)
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return query
    select f.pathway, f.reference, f.version_id, f.state, f.due_at
      from referral f join incident i on i.id = f.incident_id
     where f.incident_id = p_incident and i.reporter_id = actor()
       and not exists (select from case_exclusion x where x.incident_id = i.id and x.account_id = i.reporter_id and x.ground = 'DECLARED');
end;
$$;

-- Tells a unit that a referral waits for it: one outbox row, before any mail is sent.
create or replace function outbox_tell(p_kind text, p_unit uuid, p_referral uuid) returns void
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    perform audit_assert_change((select incident_id from referral where id = p_referral));
    insert into outbox (kind, unit_id, referral_id) values (p_kind, p_unit, p_referral);
end;
$$;

-- How long a referral of a class of its own is kept: from the birth of the youngest person whose behaviour was reported or of the youngest
-- child, as the class says, where their age is known; otherwise from the day of the report.
create or replace function referral_retention(p_class text, i incident, p_facts jsonb, out from_day date, out due date)
language plpgsql stable as $$
begin
    select x.from_day, (x.from_day + make_interval(years => r.years, days => r.days))::date into referral_retention.from_day, referral_retention.due
      from retention_class r
     cross join lateral (select ((i.submitted_at at time zone 'Europe/London')::date - make_interval(years => coalesce(case r.basis
               when 'BIRTH_OF_YOUNGEST_CHILD' then (p_facts ->> 'youngest_age')::integer
               when 'BIRTH_OF_SUBJECT' then (select min((p ->> 'age')::integer) from jsonb_array_elements(p_facts -> 'people') p
                                              where p ->> 'role' like 'ALLEGED_PERPETRATOR%') end, 0)))::date) x(from_day)
     where r.class = p_class;
end;
$$;

-- Opens the referrals that the rules propose, each with its history, clocks, those to whom it is shown and those who are told; the
-- lead is shown the case. p_system is why the lead is passed by, if they are. p_facts as for incident_file; `spare` holds an id and a
-- reference for each referral that may come of it. Answers what the reporter is told. One statement, since starting a statement
-- costs more than a row.
create or replace function referrals_open(i incident, p_facts jsonb, p_lead uuid, p_system text, out referrals json, out clocks json, out status text)
language plpgsql as $$
begin
    with proposed as materialized (
        select (r.spare ->> 'id')::uuid as id, r.spare ->> 'reference' as reference, r.version_id, v.retention_class, r.pathway, w.name, w.sort, r.area,
               concat_ws(' ', r.because, case when z.desk <> r.desk_unit_id then 'It was sent past the desk.' end) as because,
               z.desk, s.state as first_state, t.transition, e.state, e.final, e.reporter_label, (t.transition is not null)::integer as n,
               case e.held_by when 'FROM' then p_lead when 'DESK' then z.desk end as unit, e.held_by = 'DESK' as at_desk,
               -- The intake hears of what is urgent at an agency, and of what nobody else can take.
               case when e.held_by = 'DESK' and (i.immediate_danger and z.desk = p_lead or not unit_has_free_member(z.desk, i.id))
                    then nullif(desk_fallback(r.pathway), z.desk) end as besides
          from (select o.*, p_facts -> 'spare' -> (row_number() over ())::integer - 1 as spare from route_propose(p_facts) o) r
          join pathway_version v on v.id = r.version_id
          join pathway w on w.pathway = r.pathway
          join pathway_state s on s.version_id = r.version_id and s.initial
          left join pathway_transition t on t.version_id = r.version_id and t.from_state = s.state and t.trigger_event = p_system
          join pathway_state e on e.version_id = r.version_id and e.state = coalesce(t.to_state, s.state)
         cross join lateral (select case e.held_by when 'DESK' then desk_free(i.id, r.pathway, r.desk_unit_id) else r.desk_unit_id end offset 0) z(desk)
    ), history as (
        insert into referral_event (referral_id, n, version_id, from_state, transition, to_state, happened_at, unit_id, audit_id)
        select id, 0, version_id, null, null, first_state, i.submitted_at, p_lead, 0 from proposed
        union all
        select id, 1, version_id, first_state, transition, state, i.submitted_at, null, 0 from proposed where n = 1
    ), started as (
        -- Clocks run from when the agency became aware or from a state; passing the lead by may stop one at once.
        insert into clock (referral_id, version_id, clock, started_at, due_at, stopped_at, stopped_entered_at, audit_id)
        select p.id, p.version_id, k.clock, x.started, clock_due(x.started, k.amount, k.unit), x.stopped,
               case when x.stopped is not null then clock_timestamp() end, 0
          from proposed p
          join pathway_clock k on k.version_id = p.version_id and (k.start_on = 'AWARE' or k.start_state in (p.first_state, p.state))
         cross join lateral (select case k.start_on when 'AWARE' then i.aware_at else i.submitted_at end,
                                    case when p.n = 1 and k.start_state is distinct from p.state
                                          and exists (select from pathway_clock_stop z where z.version_id = k.version_id
                                                         and z.clock = k.clock and z.state = p.state and not z.not_applicable)
                                         then i.submitted_at end) x(started, stopped)
        returning referral_id, due_at, stopped_at
    ), opened as (
        insert into referral (id, reference, incident_id, version_id, pathway, state, n, area, because, from_unit_id, desk_unit_id,
                              unit_id, opened_at, due_at, retention_class, retention_from, retention_due, audit_id)
        select p.id, p.reference, i.id, p.version_id, p.pathway, p.state, p.n, p.area, p.because, p_lead, p.desk, p.unit, i.submitted_at,
               coalesce((select min(c.due_at) from started c where c.referral_id = p.id and c.stopped_at is null), '9999-12-31 00:00:00+00'),
               coalesce(p.retention_class, i.retention_class), coalesce(k.from_day, i.retention_from), coalesce(k.due, i.retention_due), 0
          from proposed p
          left join lateral (select r.from_day, r.due from referral_retention(p.retention_class, i, p_facts) r
                              where p.retention_class is not null) k on true
        returning id, due_at
    ), shown as (
        insert into case_access (incident_id, referral_id, unit_id, reason, audit_id)
        select i.id, null, p_lead, 'LEAD', 0 where p_lead is not null
        union all
        select i.id, p.id, x.unit, 'DESK', 0 from proposed p cross join lateral (values (p.desk), (p.besides)) x(unit)
         where p.at_desk and x.unit is distinct from p_lead and x.unit is not null
    ), told as (
        insert into outbox (kind, unit_id, referral_id)
        select 'REFERRAL_WAITING', x.unit, p.id from proposed p cross join lateral (values (p.unit), (p.besides)) x(unit) where x.unit is not null
    )
    select coalesce(json_agg(referral_told(p.pathway, p.name, p.reporter_label) order by p.sort, p.reference), '[]'),
           coalesce(json_agg(clock_told(p.pathway, o.due_at) order by o.due_at, p.reference) filter (where o.due_at < '9999-01-01'), '[]'),
           case when bool_and(p.final) then 'CLOSED' when bool_or(p.n > 0) then 'IN_PROGRESS' else i.status end
      into referrals, clocks, status
      from proposed p join opened o on o.id = p.id;
end;
$$;

-- Opens a case that was just filed: exclusions, the lead's sight of it, and its referrals. Answers what its reporter is told.
create or replace function case_open(p_incident uuid, p_facts jsonb, out referrals json, out clocks json, out status text)
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    i incident;
    v_lead uuid;
    v_system text; -- why the lead is passed by, if they are
    v_told record;
begin
    perform audit_assert_change(p_incident);
    select * into i from incident where id = p_incident;
    v_lead := (select id from unit where organisation_id = i.organisation_id and capability = 'LEAD');
    perform case_exclude_named(p_incident);
    v_system := case when i.immediate_danger then 'IMMEDIATE_DANGER' when not unit_has_free_member(v_lead, p_incident) then 'NO_FREE_LEAD' end;
    v_told := referrals_open(i, p_facts, v_lead, v_system);
    referrals := v_told.referrals;
    clocks := v_told.clocks;
    status := v_told.status;
    if status <> i.status then
        update incident x set status = case_open.status where x.id = p_incident;
    end if;
end;
$$;
revoke all on function case_exclude_named(uuid), referrals_reported(uuid), unit_has_free_member(uuid, uuid), desk_fallback(text), desk_of(text, text),
    desk_free(uuid, text, uuid), case_show(uuid, uuid, uuid, text), clock_turn(uuid, uuid, text, timestamptz), referral_retention(text, incident, jsonb), referrals_open(incident, jsonb, uuid, text),
    outbox_tell(text, uuid, uuid), case_open(uuid, jsonb), route_propose(jsonb), case_status(uuid) from public;
grant execute on function referrals_reported(uuid), route_propose(jsonb), case_status(uuid), case_open(uuid, jsonb), case_show(uuid, uuid, uuid, text),
    clock_turn(uuid, uuid, text, timestamptz), outbox_tell(text, uuid, uuid),
    unit_has_free_member(uuid, uuid), desk_fallback(text), desk_of(text, text), desk_free(uuid, text, uuid) to upstander_serve, upstander_work;
reset role;
