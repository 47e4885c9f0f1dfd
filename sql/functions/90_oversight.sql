-- What is read across cases: response times, the audit trail, and whether a site is fit for real records.
set role upstander_gate;

-- The days that an answer covers. Whoever may see small numbers has the days they ask for. Everybody else has one whole calendar
-- quarter (London): the one of the last day asked for, or the last that is over. No two such answers overlap, so that none can be taken
-- from another to find a single case, and the quarter that is still running cannot be watched from day to day.
create or replace function scrutiny_period(p_from date, p_to date, p_small boolean, p_today date, out from_day date, out to_day date)
language plpgsql immutable as $$
begin
    to_day := coalesce(p_to, p_today);
    from_day := coalesce(p_from, (to_day - interval '1 year' + interval '1 day')::date);
    if not p_small and from_day <= to_day then
        from_day := date_trunc('quarter', least(to_day, p_today)::timestamp)::date;
        if from_day = date_trunc('quarter', p_today::timestamp)::date then
            from_day := (from_day - interval '3 months')::date;
        end if;
        to_day := (from_day + interval '3 months' - interval '1 day')::date;
    end if;
end;
$$;

-- Response times of each agency, pathway and clock (domain 5.1): how many clocks started in the period, met, met late, open past
-- due, still running, paused; and the hours that the answered ones took. Clocks count by what happened, not by what was entered.
-- Runs as the gate, since nobody who may see the figures may see the cases; it hands out counts alone. Who may not see small numbers
-- gets a row for everything that could have a clock, whether or not there was a case: none and fewer than five read the same; and
-- where any part of a row is one to four, its number and no part. Planned with the values at hand: a day and five years want
-- different plans.
create or replace function scrutiny_response_times(p_from date, p_to date, p_organisation text, p_area text, p_pathway text)
returns reply language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
declare
    v_all boolean := actor_may('SCRUTINY_READ');
    v_small boolean := actor_may('SCRUTINY_SMALL');
    v_now timestamptz := upstander_now();
    v_period record := scrutiny_period(p_from, p_to, v_small, (v_now at time zone 'Europe/London')::date);
    v_start timestamptz := v_period.from_day::timestamp at time zone 'Europe/London';
    v_end timestamptz := (v_period.to_day + 1)::timestamp at time zone 'Europe/London';
    -- No figure moves by a case that is hidden from whoever looks at it. Asked once: these are few, and the clocks are many.
    v_hidden uuid[] := array(select incident_id from case_exclusion where account_id = actor() and cleared_at is null);
    v_items json;
begin
    if not v_all and not actor_may('SCRUTINY_OWN') then
        return reply_of('denied');
    end if;
    if v_period.from_day > v_period.to_day then
        return reply_fault('/from', 'after_to', 'The first day must not be after the last');
    end if;
    perform audit_append('VIEW', 'response-times', null, false, jsonb_strip_nulls(jsonb_build_object('from', v_period.from_day,
        'to', v_period.to_day, 'organisation', p_organisation, 'area', p_area, 'pathway', p_pathway)));
    with counted as (
        select case k.start_on when 'AWARE' then f.from_unit_id else f.desk_unit_id end as unit_id, f.pathway, c.clock,
               clock_status(c.due_at, c.stopped_at, c.paused_at, c.not_applicable, v_now) as status,
               date_part('epoch', c.stopped_at - c.started_at) / 3600 as hours
          from clock c
          join pathway_clock k on k.version_id = c.version_id and k.clock = c.clock
          join referral f on f.id = c.referral_id
         where c.started_at >= v_start and c.started_at < v_end and (p_pathway is null or f.pathway = p_pathway)
           and f.incident_id <> all (v_hidden)
    ), tallied as (
        select u.organisation_id, c.pathway, c.clock, count(*) filter (where status <> 'NOT_APPLICABLE') as n,
               count(*) filter (where status = 'MET') as on_time, count(*) filter (where status = 'MET_LATE') as late,
               count(*) filter (where status = 'BREACHED') as open_past_due, count(*) filter (where status = 'RUNNING') as running,
               count(*) filter (where status = 'PAUSED') as paused,
               percentile_cont(array[0.5, 0.9]) within group (order by hours) as hours
          from counted c join unit u on u.id = c.unit_id group by u.organisation_id, c.pathway, c.clock
    ), possible as (
        select u.organisation_id, v.pathway, k.clock from pathway_version v join pathway_clock k on k.version_id = v.id
          join unit u on case k.start_on when 'AWARE' then u.capability = 'LEAD'
                         else exists (select from desk d where d.pathway = v.pathway and d.unit_id = u.id) end
         where v.valid_to is null and not v_small
         union select organisation_id, pathway, clock from tallied where v_small or n >= 5
    ), measured as (
        select o.slug, o.name, o.area, p.pathway, w.name as pathway_name, w.sort as pathway_sort, k.*, t.n, t.on_time, t.late,
               t.open_past_due, t.running, t.paused, t.hours, coalesce(t.n, 0) < 5 and not v_small as few,
               not v_small and exists (select from unnest(array[t.on_time, t.late, t.open_past_due, t.running, t.paused]) part
                                        where part between 1 and 4) as parts_few
          from possible p join organisation o on o.id = p.organisation_id join pathway w on w.pathway = p.pathway
          join lateral (select c.clock, c.label, c.indicator, c.sort from pathway_clock c join pathway_version v on v.id = c.version_id
                         where v.pathway = p.pathway and c.clock = p.clock order by v.number desc limit 1) k on true
          left join tallied t on t.organisation_id = p.organisation_id and t.pathway = p.pathway and t.clock = p.clock
         where (p_organisation is null or o.slug = p_organisation) and (p_area is null or o.area = p_area)
           and (p_pathway is null or p.pathway = p_pathway)
           and (v_all or o.id in (select g.organisation_id from role_grant g where g.account_id = actor() and grant_counts(g)))
    )
    select json_agg(jsonb_build_object('organisation', slug, 'organisation_name', name, 'area', area, 'pathway', pathway,
                    'pathway_name', pathway_name, 'clock', clock, 'label', label, 'indicator', indicator, 'suppressed', few or parts_few)
                || case when few then '{}' else jsonb_build_object('n', n) end
                || case when few or parts_few then '{}' else jsonb_build_object('on_time', on_time, 'late', late,
                       'open_past_due', open_past_due, 'running', running, 'paused', paused,
                       'median_hours', round(hours[1]::numeric, 1), 'p90_hours', round(hours[2]::numeric, 1)) end
            order by name, pathway_sort, sort)
      into v_items from measured;
    return reply_of('ok', json_build_object('from', v_period.from_day, 'to', v_period.to_day, 'quarters', not v_small,
                                            'items', coalesce(v_items, '[]'))::text);
end;
$$;
revoke all on function scrutiny_response_times(date, date, text, text, text) from public;
grant execute on function scrutiny_response_times(date, date, text, text, text) to upstander_serve;
reset role;

set role upstander_owner;

-- The events between two days lie between two ids, give or take a minute: ids and times are given side by side.
create or replace function audit_days(p_from timestamptz, p_until timestamptz, out after bigint, out before bigint)
language plpgsql stable as $$
begin
    after := coalesce((select e.id from audit_event e where e.at < p_from - interval '1 minute' order by e.at desc limit 1), 0);
    before := coalesce((select e.id from audit_event e where e.at >= p_until + interval '1 minute' order by e.at limit 1), 9223372036854775807);
end;
$$;

-- Which of the filters leads to the events of a page, and the last event that the page looks at: p_most of the leading filter's, or as far
-- as p_after (NULL). The filter that the fewest recent events fit leads, because two filters may have a million events each and none in
-- common. "= any" with the column in the order: each is read in the order of its own index. With "=" the column is no part of the order,
-- and the trail itself may be read backwards instead, until it comes to the last event of somebody who left years ago.
create or replace function audit_reach(p_actor uuid, p_action text, p_case uuid, p_organisation uuid, p_after bigint, p_before bigint,
                                       p_most integer, out led_by text, out furthest bigint) language plpgsql stable as $$
begin
    select x.led_by, x.furthest into audit_reach.led_by, audit_reach.furthest from (
        select 'CASE', (select e.id from audit_event e where e.case_id = any (array[p_case]) and e.id < p_before and e.id > p_after
                         order by e.case_id desc, e.id desc offset p_most - 1 limit 1) where p_case is not null
        union all
        select 'ACTOR', (select e.id from audit_event e where e.actor = any (array[p_actor]) and e.id < p_before and e.id > p_after
                          order by e.actor desc, e.id desc offset p_most - 1 limit 1) where p_actor is not null
        union all
        select 'ACTION', (select e.id from audit_event e where e.action = any (array[p_action]) and e.id < p_before and e.id > p_after
                           order by e.action desc, e.id desc offset p_most - 1 limit 1) where p_action is not null
        union all
        select 'ORGANISATION', (select e.id from audit_event e where e.organisation = any (array[p_organisation]) and e.id < p_before
                                   and e.id > p_after order by e.organisation desc, e.id desc offset p_most - 1 limit 1)
         where p_organisation is not null
        union all
        select 'TIME', (select e.id from audit_event e where e.id < p_before and e.id > p_after order by e.id desc offset p_most - 1 limit 1)
         where num_nonnulls(p_actor, p_action, p_case, p_organisation) = 0) x(led_by, furthest)
     order by x.furthest nulls first limit 1;
end;
$$;

-- An event as a cursor says it: when it was, and which, and never its number.
create or replace function audit_cursor(p_event bigint) returns text language plpgsql stable as $$
begin
    return (select (extract(epoch from e.at) * 1000000)::bigint || '.' || encode(substr(e.leaf, 1, 8), 'hex') from audit_event e where e.id = p_event);
end;
$$;

-- Events as the reader is shown them, newest first.
create or replace function audit_items(p_events bigint[]) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('leaf', encode(e.leaf, 'hex'), 'at', instant(e.at), 'actor', e.actor,
                       'actor_name', (select name from account where id = e.actor), 'role', e.role,
                       'role_label', (select label from role where role = e.role),
                       'organisation', (select slug from organisation where id = e.organisation), 'action', e.action, 'object', e.object,
                       'case', audit_case_reference(e.case_id), 'case_n', e.case_n, 'request_id', e.request_id) order by e.id desc), '[]')
              from unnest(p_events) x(id) join audit_event e on e.id = x.id);
end;
$$;

-- The audit trail, newest first, by person, case, organisation, action and time. Row level security leaves out the events of a case
-- that is hidden from the reader; an event is known by its leaf, since between two running numbers the hidden event would show.
-- A page looks at 5,000 events of the filter that leads, and may be short, or empty, and still say where the list goes on; what else
-- is asked is asked of these alone (hence the limits below). Planned with the values at hand. The look itself is an event.
create or replace function audit_list(p_actor uuid, p_action text, p_case text, p_organisation text, p_from date, p_to date,
                                      p_cursor text, p_limit integer) returns reply language plpgsql
set plan_cache_mode = force_custom_plan as $$
declare
    v_most constant integer := 5000;
    v_from timestamptz := p_from::timestamp at time zone 'Europe/London';
    v_until timestamptz := (p_to + 1)::timestamp at time zone 'Europe/London';
    v_reach record;
    v_after bigint;
    v_before bigint;
    -- A case that is not there, or not for the reader, has no events: no event is of the case "nil".
    v_case uuid := case when p_case is not null then coalesce(audit_case(p_case), '00000000-0000-0000-0000-000000000000') end;
    v_organisation uuid := (select id from organisation where slug = p_organisation);
    v_page bigint[];
    v_next text;
begin
    if not actor_may('AUDIT_READ') then
        return reply_of('denied');
    end if;
    perform audit_append('VIEW', 'audit', null, false, jsonb_strip_nulls(jsonb_build_object('actor', p_actor, 'action', p_action,
        'case', p_case, 'organisation', p_organisation, 'from', p_from, 'to', p_to)));
    select d.after, d.before into v_after, v_before from audit_days(v_from, v_until) d;
    if p_cursor <> '' then
        v_before := (select e.id from audit_event e where e.at = timestamptz 'epoch' + split_part(p_cursor, '.', 1)::bigint * interval '1 microsecond'
                        and encode(substr(e.leaf, 1, 8), 'hex') = split_part(p_cursor, '.', 2));
    end if;
    v_reach := audit_reach(p_actor, p_action, v_case, v_organisation, v_after, v_before, v_most);
    v_after := coalesce(v_reach.furthest - 1, v_after);
    with seen as (
        (select e.id, e.at, e.actor, e.action, e.case_id, e.organisation from audit_event e
          where v_reach.led_by = 'CASE' and e.case_id = any (array[v_case]) and e.id < v_before and e.id > v_after
          order by e.case_id desc, e.id desc limit v_most)
        union all
        (select e.id, e.at, e.actor, e.action, e.case_id, e.organisation from audit_event e
          where v_reach.led_by = 'ACTOR' and e.actor = any (array[p_actor]) and e.id < v_before and e.id > v_after
          order by e.actor desc, e.id desc limit v_most)
        union all
        (select e.id, e.at, e.actor, e.action, e.case_id, e.organisation from audit_event e
          where v_reach.led_by = 'ACTION' and e.action = any (array[p_action]) and e.id < v_before and e.id > v_after
          order by e.action desc, e.id desc limit v_most)
        union all
        (select e.id, e.at, e.actor, e.action, e.case_id, e.organisation from audit_event e
          where v_reach.led_by = 'ORGANISATION' and e.organisation = any (array[v_organisation]) and e.id < v_before and e.id > v_after
          order by e.organisation desc, e.id desc limit v_most)
        union all
        (select e.id, e.at, e.actor, e.action, e.case_id, e.organisation from audit_event e
          where v_reach.led_by = 'TIME' and e.id < v_before and e.id > v_after order by e.id desc limit v_most)
    ), page as (
        select s.id from seen s
         where (p_actor is null or s.actor = p_actor) and (p_action is null or s.action = p_action)
           and (p_case is null or s.case_id = v_case) and (p_organisation is null or s.organisation = v_organisation)
           and (p_from is null or s.at >= v_from) and (p_to is null or s.at < v_until)
         order by s.id desc limit p_limit + 1
    ) select array_agg(p.id order by p.id desc) into v_page from page p;
    v_next := audit_cursor(case when cardinality(v_page) > p_limit then v_page[p_limit] else v_reach.furthest end);
    return reply_of('ok', json_strip_nulls(json_build_object('items', audit_items(v_page[:p_limit]),
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
    return (select i.reference from incident i where i.id = p_case and actor_may('AUDIT_READ')
               and not exists (select from case_exclusion x where x.incident_id = i.id and x.account_id = actor() and x.cleared_at is null));
end;
$$;
revoke all on function audit_case(text), audit_case_reference(uuid) from public;
grant execute on function audit_case(text), audit_case_reference(uuid) to upstander_serve;
reset role;
