-- What is read across cases: response times, the audit trail, and whether a site is fit for real records.
set role upstander_gate;

-- Response times of each agency, pathway and clock (domain 5.1): how many clocks started in the period, met, met late, open past
-- due, still running, paused; and the hours that the answered ones took. Clocks count by what happened, not by what was entered.
-- Runs as the gate, since nobody who may see the figures may see the cases; it hands out counts alone. An agency's own roles, and
-- scrutiny, get no row of fewer than five.
create or replace function scrutiny_response_times(p_from date, p_to date, p_organisation text, p_area text, p_pathway text)
returns reply language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_all boolean := actor_may('SCRUTINY_READ');
    v_small boolean := actor_may('SCRUTINY_SMALL');
    v_now timestamptz := upstander_now();
    v_to date := coalesce(p_to, (v_now at time zone 'Europe/London')::date);
    v_from date := coalesce(p_from, (coalesce(p_to, (v_now at time zone 'Europe/London')::date) - interval '1 year' + interval '1 day')::date);
    v_items json;
begin
    if not v_all and not actor_may('SCRUTINY_OWN') then
        return reply_of('denied');
    end if;
    if v_from > v_to then
        return reply_fault('/from', 'after_to', 'The first day must not be after the last');
    end if;
    perform audit_append('VIEW', 'response-times', null, false,
        jsonb_strip_nulls(jsonb_build_object('from', v_from, 'to', v_to, 'organisation', p_organisation, 'area', p_area, 'pathway', p_pathway)));
    with counted as (
        select o.slug, o.name, o.area, f.pathway, w.name as pathway_name, c.clock, k.label, k.indicator, w.sort as pathway_sort, k.sort,
               clock_status(c.due_at, c.stopped_at, c.paused_at, c.not_applicable, v_now) as status,
               extract(epoch from c.stopped_at - c.started_at) / 3600 as hours
          from clock c
          join pathway_clock k on k.version_id = c.version_id and k.clock = c.clock
          join referral f on f.id = c.referral_id
          join pathway w on w.pathway = f.pathway
          join unit u on u.id = case k.start_on when 'AWARE' then f.from_unit_id else f.desk_unit_id end
          join organisation o on o.id = u.organisation_id
         where c.started_at >= v_from::timestamp at time zone 'Europe/London'
           and c.started_at < (v_to + 1)::timestamp at time zone 'Europe/London'
           and (p_organisation is null or o.slug = p_organisation) and (p_area is null or o.area = p_area)
           and (p_pathway is null or f.pathway = p_pathway)
           and (v_all or o.id in (select g.organisation_id from role_grant g where g.account_id = actor() and grant_counts(g)))
           -- No figure moves by a case that is hidden from whoever looks at it.
           and not exists (select from case_exclusion x where x.incident_id = f.incident_id and x.account_id = actor() and x.cleared_at is null)
    ), grouped as (
        select slug, name, area, pathway, pathway_name, clock, label, indicator, pathway_sort, sort,
               count(*) filter (where status <> 'NOT_APPLICABLE') as n,
               count(*) filter (where status = 'MET') as on_time, count(*) filter (where status = 'MET_LATE') as late,
               count(*) filter (where status = 'BREACHED') as open_past_due, count(*) filter (where status = 'RUNNING') as running,
               count(*) filter (where status = 'PAUSED') as paused,
               percentile_cont(0.5) within group (order by hours) as median, percentile_cont(0.9) within group (order by hours) as p90
          from counted group by slug, name, area, pathway, pathway_name, clock, label, indicator, pathway_sort, sort
    )
    select json_agg(case when n < 5 and not v_small
                then json_build_object('organisation', slug, 'organisation_name', name, 'area', area, 'pathway', pathway, 'pathway_name', pathway_name,
                                       'clock', clock, 'label', label, 'indicator', indicator, 'suppressed', true)
                else json_build_object('organisation', slug, 'organisation_name', name, 'area', area, 'pathway', pathway, 'pathway_name', pathway_name,
                                       'clock', clock, 'label', label, 'indicator', indicator, 'suppressed', false,
                                       'n', n, 'on_time', on_time, 'late', late, 'open_past_due', open_past_due, 'running', running, 'paused', paused,
                                       'median_hours', round(median::numeric, 1), 'p90_hours', round(p90::numeric, 1)) end
            order by name, pathway_sort, sort)
      into v_items from grouped;
    return reply_of('ok', json_build_object('from', v_from, 'to', v_to, 'items', coalesce(v_items, '[]'))::text);
end;
$$;
revoke all on function scrutiny_response_times(date, date, text, text, text) from public;
grant execute on function scrutiny_response_times(date, date, text, text, text) to upstander_serve;
reset role;

set role upstander_owner;

-- The audit trail, newest first, by person, case, organisation, action and time. Row level security leaves out the events of a case
-- that is hidden from the reader. The look itself is an event.
create or replace function audit_list(p_actor uuid, p_action text, p_case text, p_organisation text, p_from date, p_to date,
                                      p_cursor text, p_limit integer) returns reply language plpgsql as $$
declare
    v_before bigint := coalesce(nullif(p_cursor, '')::bigint, 9223372036854775807);
    v_case uuid;
    v_organisation uuid := (select id from organisation where slug = p_organisation);
    v_items json;
    v_next text;
begin
    if not actor_may('AUDIT_READ') then
        return reply_of('denied');
    end if;
    if p_case is not null then
        v_case := audit_case(p_case);
    end if;
    perform audit_append('VIEW', 'audit', null, false, jsonb_strip_nulls(jsonb_build_object('actor', p_actor, 'action', p_action,
        'case', p_case, 'organisation', p_organisation, 'from', p_from, 'to', p_to)));
    with page as (
        select e.id, e.request_id, e.at, e.actor, e.role, e.organisation, e.action, e.object, e.case_id, e.case_n, e.leaf
          from audit_event e
         where e.id < v_before
           and (p_actor is null or e.actor = p_actor) and (p_action is null or e.action = p_action)
           and (p_case is null or e.case_id = v_case) and (p_organisation is null or e.organisation = v_organisation)
           and (p_from is null or e.at >= p_from::timestamp at time zone 'Europe/London')
           and (p_to is null or e.at < (p_to + 1)::timestamp at time zone 'Europe/London')
         order by e.id desc limit p_limit + 1
    ), numbered as (select p.*, row_number() over (order by p.id desc) as rank from page p)
    select coalesce(json_agg(json_build_object('id', n.id, 'at', instant(n.at), 'actor', n.actor,
               'actor_name', (select name from account where id = n.actor), 'role', n.role,
               'role_label', (select label from role where role = n.role),
               'organisation', (select slug from organisation where id = n.organisation), 'action', n.action, 'object', n.object,
               'case', audit_case_reference(n.case_id), 'case_n', n.case_n, 'request_id', n.request_id, 'leaf', encode(n.leaf, 'hex'))
               order by n.id desc) filter (where n.rank <= p_limit), '[]'),
           (array_agg(n.id order by n.id desc) filter (where n.rank = p_limit))[1]::text || case when max(n.rank) > p_limit then '' end
      into v_items, v_next from numbered n;
    return reply_of('ok', json_strip_nulls(json_build_object('items', v_items,
        'asked', json_build_object('actor_name', (select name from account where id = p_actor), 'case', p_case)))::text, null, v_next);
end;
$$;

-- What is missing before this site may hold real records (api.md, "Starting it").
create or replace function site_ready() returns reply language plpgsql stable as $$
declare
    v_demonstration boolean := coalesce(site_value('demonstration'), 'no') = 'yes';
begin
    return reply_of('ok', json_build_object('demonstration', v_demonstration, 'missing', coalesce((
        select json_agg(m.item) from (values
            ('second_factor', not v_demonstration and coalesce(site_value('second_factor'), '') <> 'required'),
            ('retention', not v_demonstration and coalesce(site_value('retention_agreed'), '') <> 'yes'),
            ('calendar', (select max(day) from working_day where is_working) is null
                         or (select max(day) from working_day where is_working) < current_date + 90)) m(item, missing)
         where m.missing), '[]'))::text);
end;
$$;
reset role;

set role upstander_gate;
-- The auditor asks by reference and is answered by reference, without sight of the case. A case that is hidden from the asker is
-- no case.
create or replace function audit_case(p_reference text) returns uuid
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return (select i.id from incident i where i.reference = p_reference and actor_may('AUDIT_READ')
               and not exists (select from case_exclusion x where x.incident_id = i.id and x.account_id = actor() and x.cleared_at is null));
end;
$$;
create or replace function audit_case_reference(p_case uuid) returns text
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return (select i.reference from incident i where i.id = p_case and actor_may('AUDIT_READ'));
end;
$$;
revoke all on function audit_case(text), audit_case_reference(uuid) from public;
grant execute on function audit_case(text), audit_case_reference(uuid) to upstander_serve;
reset role;
