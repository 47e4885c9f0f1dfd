-- Referrals: the queue, the case page, the steps.
set role upstander_owner;

-- Whether this actor may take this step of this referral now: one of the step's roles, held in the unit of the step's side.
create or replace function referral_may_take(f referral, t pathway_transition) returns boolean language plpgsql stable as $$
begin
    return t.side <> 'SYSTEM' and actor_may('REFERRAL_TAKE') and exists (
        select from role_grant g join pathway_transition_role r
            on r.version_id = t.version_id and r.from_state = t.from_state and r.transition = t.transition and r.role = g.role
         where g.account_id = actor() and grant_counts(g)
           and g.unit_id = case t.side when 'FROM' then f.from_unit_id else f.desk_unit_id end);
end;
$$;

-- The name of a step of the referral's pathway; NULL for any other words, which the trail does not keep.
create or replace function step_known(f referral, p_transition text) returns text language plpgsql stable as $$
begin
    return (select t.transition from pathway_transition t where t.version_id = f.version_id and t.transition = p_transition limit 1);
end;
$$;

-- The steps that this actor may take now, each with its form.
create or replace function referral_steps(f referral) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('transition', t.transition, 'label', t.label, 'to', t.to_state, 'form', t.form)
                                     order by t.sort), '[]')
              from pathway_transition t
             where t.version_id = f.version_id and t.from_state = f.state and referral_may_take(f, t));
end;
$$;

-- The coded answers that say where a referral stands: threshold decision, outcome, finding.
create or replace function referral_answers(p_referral uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_object_agg(field, codes), '{}') from (
                select distinct on (c.field) c.field, json_agg(json_build_object('list', c.list, 'code', c.code) order by c.code) as codes
                  from referral_code c where c.referral_id = p_referral group by c.field, c.n order by c.field, c.n desc) a);
end;
$$;

-- What a step asked, so that its answers can be read: the name, words and code list of each question.
create or replace function referral_questions(p_form jsonb) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('name', q ->> 'name', 'label', q ->> 'label', 'list', q ->> 'list') order by n), '[]')
              from jsonb_array_elements(p_form -> 'fields') with ordinality x(q, n));
end;
$$;

-- Whether a clock of the referral stands so.
create or replace function referral_has_clock(p_referral uuid, p_status text, p_now timestamptz) returns boolean language plpgsql stable as $$
begin
    return exists (select from clock c where c.referral_id = p_referral
                      and clock_status(c.due_at, c.stopped_at, c.paused_at, c.not_applicable, p_now) = p_status);
end;
$$;

create or replace function referral_body(f referral) returns text language plpgsql stable as $$
declare
    w record := incident_read(null, f.incident_id);
begin
    return json_build_object(
        'reference', f.reference, 'pathway', f.pathway, 'pathway_name', (select name from pathway where pathway = f.pathway),
        'pathway_version', (select number from pathway_version where id = f.version_id),
        'state', f.state, 'state_label', s.label, 'state_about', s.about, 'because', f.because, 'area', f.area,
        'as_at', instant(upstander_now()), 'opened_at', instant(f.opened_at), 'closed_at', instant(f.closed_at), 'new', f.new_for_unit,
        'desk', (select name from unit where id = f.desk_unit_id),
        'from', (select name from unit where id = f.from_unit_id),
        'waits_for', (select name from unit where id = f.unit_id),
        'assignee', (select json_build_object('id', a.id, 'name', a.name) from account a where a.id = f.assignee_id),
        'clocks', referral_clocks(f.id), 'answers', referral_answers(f.id), 'transitions', referral_steps(f),
        'incident', (select b.body::json from incident_json(w.i, w.v, true, null) b),
        'history', (select json_agg(json_build_object('n', v.n, 'transition', v.transition, 'state', v.to_state,
                        'title', coalesce(t.label, ps.label), 'happened_at', instant(v.happened_at), 'entered_at', instant(v.entered_at),
                        'by', coalesce((select name from account where id = v.actor_id), 'Upstander'),
                        'by_system', v.actor_id is null, 'data', v.data, 'questions', referral_questions(t.form),
                        'texts', case when v.sealed is not null and (v.unit_id = any (actor_units()) or f.desk_unit_id = any (actor_units())
                                        or (t.form ->> 'shared')::boolean)
                                 then json_build_object('$sealed', envelope('referral_event', 'texts', v.sealed_id, f.incident_id, (w.v).wrapped, v.sealed)) end)
                        order by v.n desc)
                      from referral_event v
                      join pathway_state ps on ps.version_id = v.version_id and ps.state = v.to_state
                      left join pathway_transition t on t.version_id = v.version_id and t.from_state = v.from_state and t.transition = v.transition
                     where v.referral_id = f.id),
        'can', json_build_object('take', referral_steps(f)::text <> '[]',
                                 'acknowledge', f.new_for_unit and coalesce(coalesce(f.unit_id, f.desk_unit_id) = any (actor_units()), false)))::text
      from pathway_state s where s.version_id = f.version_id and s.state = f.state;
end;
$$;

create or replace function referral_get(p_reference text) returns reply language plpgsql as $$
declare
    f referral;
begin
    select * into f from referral where reference = p_reference and case_visible(incident_id, id);
    if not found then
        return reply_absent('referral');
    end if;
    perform audit_append('VIEW', 'referral ' || f.id, f.incident_id, false);
    return reply_of('ok', referral_body(f), etag_of(f.n));
end;
$$;

-- What was declined and the desk has not looked at yet, for the desk and for quality assurance: both are shown it when it is declined.
create or replace function referral_declined(p_unit uuid) returns table (id uuid, due_at timestamptz) language plpgsql stable as $$
begin
    return query
    select f.id, f.due_at from referral f where f.desk_unit_id = p_unit and f.new_for_unit and f.closed_at is not null
    union all
    select f.id, f.due_at from case_access a join referral f on f.id = a.referral_id
     where a.unit_id = p_unit and a.reason = 'DECLINED' and f.desk_unit_id <> p_unit and f.new_for_unit and f.closed_at is not null;
end;
$$;

-- How much there is in each work list of the actor's, each counted up to 100 and no further, so that it costs a few index
-- entries however long the queue is. Row level security counts only what the actor may list.
create or replace function referral_counts(p_now timestamptz, p_midnight timestamptz) returns json language plpgsql stable
    set enable_bitmapscan = off set enable_seqscan = off as $$
declare
    v_units uuid[] := actor_units();
begin
    -- Unit by unit and in an index's order: asked for any of the units at once, the planner reads the whole table for a hundred rows.
    return json_build_object(
        'all', (select count(*) from (select from unnest(v_units) u cross join lateral (select from referral f
                    where f.unit_id = u and f.closed_at is null order by f.due_at, f.id limit 100) x limit 100) y),
        'new', (select count(*) from (select from unnest(v_units) u cross join lateral (select from referral f
                    where f.unit_id = u and f.closed_at is null and f.new_for_unit order by f.due_at, f.id limit 100) x limit 100) y),
        'today', (select count(*) from (select from unnest(v_units) u cross join lateral (select from referral f
                    where f.unit_id = u and f.closed_at is null and f.due_at >= p_now and f.due_at < p_midnight
                    order by f.due_at, f.id limit 100) x limit 100) y),
        'late', (select count(*) from (select from unnest(v_units) u cross join lateral (select from referral f
                    where f.unit_id = u and f.closed_at is null and f.due_at < p_now order by f.due_at, f.id limit 100) x limit 100) y),
        'waiting', (select count(*) from (select x.id from unnest(v_units) u cross join lateral (
            (select f.id from referral f where f.from_unit_id = u and f.unit_id is distinct from f.from_unit_id and f.closed_at is null
                and not coalesce(f.unit_id = any (v_units), false) order by f.due_at, f.id limit 100)
            union
            (select f.id from referral f where f.desk_unit_id = u and f.unit_id is distinct from f.desk_unit_id and f.n > 0 and f.closed_at is null
                and not coalesce(f.unit_id = any (v_units), false) order by f.due_at, f.id limit 100)) x group by x.id limit 100) y),
        'declined', (select count(*) from (select from unnest(v_units) u cross join lateral referral_declined(u) x limit 100) y));
end;
$$;

-- The actor's queue, page by page. p_due: NEW, TODAY, LATE (what waits for the actor's own units), WAITING (for others), DECLINED, or NULL
-- for all that waits for them. p_sort: DUE (default) or OPENED. The cursor is the sort key's microseconds and the id.
create or replace function referral_list(p_pathway text, p_state text, p_due text, p_area text, p_sort text, p_cursor text, p_limit integer,
                                         p_assignee uuid default null, p_clock text default null) returns reply language plpgsql
    -- A page is read in the order of an index and never sorted out of a whole queue, however few rows the filters seem to leave.
    set enable_bitmapscan = off set enable_seqscan = off as $$
declare
    v_now timestamptz := upstander_now();
    v_midnight timestamptz := (((v_now at time zone 'Europe/London')::date + 1)::timestamp at time zone 'Europe/London');
    v_at timestamptz := coalesce(to_timestamp(nullif(split_part(p_cursor, '.', 1), '')::numeric / 1000000), '-infinity');
    v_id uuid := coalesce(nullif(split_part(p_cursor, '.', 2), '')::uuid, '00000000-0000-0000-0000-000000000000');
    v_sort text := coalesce(p_sort, 'DUE');
    v_units uuid[] := actor_units();
    v_items json;
    v_next text;
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    perform audit_append('VIEW', 'referrals', null, false,
        jsonb_strip_nulls(jsonb_build_object('pathway', p_pathway, 'state', p_state, 'due', p_due, 'area', p_area,
                                             'assignee', p_assignee, 'clock', p_clock)));
    with found as (
        select r.* from unnest(v_units) u
          cross join lateral (
            (select f.id, f.due_at as at from referral f
              where v_sort = 'DUE' and p_due is distinct from 'WAITING' and f.unit_id = u and f.closed_at is null and (f.due_at, f.id) > (v_at, v_id)
                and (p_pathway is null or f.pathway = p_pathway) and (p_state is null or f.state = p_state) and (p_area is null or f.area = p_area)
                and (p_assignee is null or f.assignee_id = p_assignee) and (p_clock is null or referral_has_clock(f.id, p_clock, v_now))
                and (p_due is null or (p_due = 'NEW' and f.new_for_unit) or (p_due = 'TODAY' and f.due_at >= v_now and f.due_at < v_midnight)
                     or (p_due = 'LATE' and f.due_at < v_now))
              order by f.due_at, f.id limit p_limit + 1)
            union all
            (select f.id, f.opened_at from referral f
              where v_sort = 'OPENED' and p_due is distinct from 'WAITING' and f.unit_id = u and f.closed_at is null and (f.opened_at, f.id) > (v_at, v_id)
                and (p_pathway is null or f.pathway = p_pathway) and (p_state is null or f.state = p_state) and (p_area is null or f.area = p_area)
                and (p_assignee is null or f.assignee_id = p_assignee) and (p_clock is null or referral_has_clock(f.id, p_clock, v_now))
                and (p_due is null or (p_due = 'NEW' and f.new_for_unit) or (p_due = 'TODAY' and f.due_at >= v_now and f.due_at < v_midnight)
                     or (p_due = 'LATE' and f.due_at < v_now))
              order by f.opened_at, f.id limit p_limit + 1)
            union all
            (select f.id, f.due_at from referral f
              where p_due = 'WAITING' and f.from_unit_id = u and f.unit_id is distinct from f.from_unit_id and f.closed_at is null and (f.due_at, f.id) > (v_at, v_id)
                and (p_pathway is null or f.pathway = p_pathway) and (p_state is null or f.state = p_state) and (p_area is null or f.area = p_area)
                and (p_assignee is null or f.assignee_id = p_assignee) and (p_clock is null or referral_has_clock(f.id, p_clock, v_now))
              order by f.due_at, f.id limit p_limit + 1)
            union all
            (select f.id, f.due_at from referral f
              where p_due = 'WAITING' and f.desk_unit_id = u and f.unit_id is distinct from f.desk_unit_id and f.n > 0 and f.closed_at is null and (f.due_at, f.id) > (v_at, v_id)
                and (p_pathway is null or f.pathway = p_pathway) and (p_state is null or f.state = p_state) and (p_area is null or f.area = p_area)
                and (p_assignee is null or f.assignee_id = p_assignee) and (p_clock is null or referral_has_clock(f.id, p_clock, v_now))
              order by f.due_at, f.id limit p_limit + 1)
            union all
            (select f.id, f.due_at from referral_declined(u) d join referral f on f.id = d.id
              where p_due = 'DECLINED' and (f.due_at, f.id) > (v_at, v_id)
                and (p_pathway is null or f.pathway = p_pathway) and (p_state is null or f.state = p_state) and (p_area is null or f.area = p_area)
                and (p_assignee is null or f.assignee_id = p_assignee) and (p_clock is null or referral_has_clock(f.id, p_clock, v_now))
              order by f.due_at, f.id limit p_limit + 1)) r
    ), page as (select distinct at, id from found order by at, id limit p_limit + 1),
    numbered as (select p.at, p.id, row_number() over (order by p.at, p.id) as rank from page p)
    select coalesce(json_agg(json_build_object(
               'reference', f.reference, 'pathway', f.pathway, 'pathway_name', w.name, 'state', f.state, 'state_label', s.label, 'area', f.area,
               'incident', i.reference, 'opened_at', instant(f.opened_at),
               'due_at', case when f.due_at < '9999-01-01' then instant(f.due_at) end,
               'clock_status', case when f.due_at < '9999-01-01' then clock_status(f.due_at, null, null, false, v_now) end,
               'working_days_late', case when f.due_at < '9999-01-01' then working_days_late(f.due_at, v_now) end,
               'new', f.new_for_unit, 'waits_for_us', coalesce(f.unit_id = any (v_units), false), 'waits_for', u.name,
               'immediate_danger', i.immediate_danger, 'harm', i.harm,
               'perceived_by', (select json_agg(c.code order by c.code) from incident_code c where c.incident_id = i.id and c.list = 'perceived_by'),
               'outcome', d.code, 'outcome_list', d.list) order by n.rank) filter (where n.rank <= p_limit), '[]'),
           (array_agg((extract(epoch from n.at) * 1000000)::bigint || '.' || n.id) filter (where n.rank = p_limit))[1]
               || case when max(n.rank) > p_limit then '' end
      into v_items, v_next
      from numbered n
      join referral f on f.id = n.id
      join incident i on i.id = f.incident_id
      join pathway_state s on s.version_id = f.version_id and s.state = f.state
      join pathway w on w.pathway = f.pathway
      left join unit u on u.id = f.unit_id
      left join lateral (select c.code, c.list from referral_code c
                          where c.referral_id = f.id and c.field in ('outcome', 'decision', 'threshold_decision')
                          order by c.n desc, c.field limit 1) d on true;
    -- The work lists are shown above the first page.
    return reply_of('ok', json_strip_nulls(json_build_object('as_at', instant(v_now), 'items', v_items,
        'counts', case when p_cursor is null then referral_counts(v_now, v_midnight) end))::text, null, v_next);
end;
$$;

-- Whether the actor may know of a referral, and whether it is still as they saw it: what a faulty request is told first.
create or replace function referral_sight(p_reference text, p_etag text) returns reply language plpgsql as $$
declare
    f referral;
begin
    select * into f from referral where reference = p_reference;
    if not found then
        return reply_absent('referral');
    end if;
    return reply_of(case when p_etag <> etag_of(f.n) then 'stale' else 'ok' end, null, etag_of(f.n));
end;
$$;

-- What a step asks for, before it is taken: its form, the key that its texts are sealed under, and the page around it.
create or replace function referral_form(p_reference text, p_transition text, p_etag text) returns reply language plpgsql as $$
declare
    f referral;
    i incident;
    t pathway_transition;
begin
    select * into f from referral where reference = p_reference and case_visible(incident_id, id);
    if not found then
        return reply_absent('referral');
    end if;
    select * into i from incident where id = f.incident_id;
    if p_etag <> etag_of(f.n) then
        return reply_of('stale', null, etag_of(f.n));
    end if;
    select * into t from pathway_transition x
     where x.version_id = f.version_id and x.from_state = f.state and x.transition = p_transition;
    if not found or not referral_may_take(f, t) then
        perform audit_append('DENY', 'referral ' || f.id, i.id, false, jsonb_build_object('transition', step_known(f, p_transition)));
        return reply_of('conflict', null, etag_of(f.n));
    end if;
    return reply_of('ok', json_build_object('reference', f.reference, 'referral', f.id, 'incident', i.id, 'incident_reference', i.reference,
        'pathway', f.pathway, 'pathway_name', (select name from pathway where pathway = f.pathway), 'state', f.state,
        'transition', t.transition, 'label', t.label, 'to', t.to_state, 'form', t.form,
        'wrapped', (select wrapped from data_key where owner_id = i.id))::text, etag_of(f.n));
end;
$$;

-- The page of a step: its form and where the referral stands. A step that cannot be taken (any more) has no form; the page
-- says where the referral stands now and which steps there are, so that what somebody typed meanwhile is not lost.
create or replace function referral_step_page(p_reference text, p_transition text) returns reply language plpgsql as $$
declare
    f referral;
    i incident;
    s pathway_state;
    t pathway_transition;
    v_may boolean;
begin
    select * into f from referral where reference = p_reference and case_visible(incident_id, id);
    if not found then
        return reply_absent('referral');
    end if;
    select * into i from incident where id = f.incident_id;
    select * into s from pathway_state x where x.version_id = f.version_id and x.state = f.state;
    select * into t from pathway_transition x where x.version_id = f.version_id and x.from_state = f.state and x.transition = p_transition;
    v_may := t.transition is not null and referral_may_take(f, t);
    perform audit_append(case when v_may then 'VIEW' else 'DENY' end, 'referral ' || f.id, i.id, false,
                         jsonb_build_object('transition', step_known(f, p_transition)));
    return reply_of('ok', json_build_object('reference', f.reference, 'incident', i.reference, 'pathway', f.pathway,
        'pathway_name', (select name from pathway where pathway = f.pathway), 'state', f.state, 'state_label', s.label,
        'state_about', s.about, 'transition', p_transition, 'etag', etag_of(f.n),
        'last', (select json_build_object('title', coalesce(x.label, s.label), 'at', instant(v.happened_at),
                                          'by', coalesce((select name from account where id = v.actor_id), 'Upstander'))
                   from referral_event v
                   left join pathway_transition x on x.version_id = v.version_id and x.from_state = v.from_state and x.transition = v.transition
                  where v.referral_id = f.id and v.n = f.n),
        'label', case when v_may then t.label end, 'form', case when v_may then t.form end,
        'final', case when v_may then (select y.final from pathway_state y where y.version_id = f.version_id and y.state = t.to_state) end,
        'to_label', case when v_may then (select y.label from pathway_state y where y.version_id = f.version_id and y.state = t.to_state) end,
        'transitions', referral_steps(f))::text, etag_of(f.n));
end;
$$;

-- Moves a referral one step: history, state, clocks, who it waits for, who may see it, who is told. The caller holds the case's lock
-- and has appended the event. The foreign keys of referral_event refuse what the definition does not allow.
create or replace function referral_step(f referral, i incident, t pathway_transition, p_happened timestamptz, p_unit uuid,
                                         p_data jsonb, p_codes jsonb, p_sealed_id uuid, p_sealed text) returns void language plpgsql as $$
declare
    s pathway_state;
    v_n integer := f.n + 1;
    v_desk uuid := f.desk_unit_id;
    v_area text := coalesce(p_data ->> 'area', f.area);
    v_unit uuid;
    v_because text := f.because;
    v_due timestamptz;
    -- What taking the step says by itself, such as a threshold decision of MET, comes from the definition and from nobody else.
    v_records jsonb := coalesce(t.form -> 'records', '[]');
begin
    if p_data ? 'area' then -- also its own: the intake sends it back to a desk that can act again
        v_desk := desk_of(f.pathway, v_area);
    end if;
    select * into s from pathway_state where version_id = f.version_id and state = t.to_state;
    if s.held_by = 'DESK' and f.unit_id is distinct from v_desk and desk_free(i.id, f.pathway, v_desk) <> v_desk then
        v_desk := desk_free(i.id, f.pathway, v_desk);
        v_because := f.because || ' It was sent past the desk.';
    end if;
    insert into referral_event (referral_id, n, version_id, from_state, transition, to_state, happened_at, actor_id, unit_id, data, sealed_id, sealed,
                                audit_id)
    values (f.id, v_n, f.version_id, f.state, t.transition, t.to_state, p_happened,
            case when t.side <> 'SYSTEM' then actor() end, p_unit, p_data, p_sealed_id, p_sealed, 0);
    insert into threshold_decision (referral_id, version_id, decision, n)
    select f.id, f.version_id, c ->> 'code', v_n from jsonb_array_elements(v_records) c where c ->> 'list' = 'threshold_decision';
    insert into referral_code (referral_id, n, field, list, code)
    select f.id, v_n, coalesce(c ->> 'field', c ->> 'list'), c ->> 'list', c ->> 'code'
      from jsonb_array_elements(p_codes || v_records) c;
    v_due := clock_turn(f.id, f.version_id, t.to_state, p_happened);
    v_unit := case s.held_by when 'FROM' then f.from_unit_id when 'DESK' then v_desk end;
    update referral set state = t.to_state, n = v_n, due_at = v_due, desk_unit_id = v_desk, area = v_area, unit_id = v_unit, because = v_because,
           new_for_unit = t.form ? 'show' or v_unit is not null and v_unit is distinct from f.unit_id,
           closed_at = case when s.final then p_happened end
     where id = f.id;
    if s.held_by = 'DESK' then
        perform case_show(i.id, f.id, v_desk, 'DESK');
        if v_unit is distinct from f.unit_id then
            perform outbox_tell('REFERRAL_WAITING', v_desk, f.id);
            if not unit_has_free_member(v_desk, i.id) then
                -- Nobody there may know of it: the intake hears that it waits.
                perform outbox_tell('REFERRAL_WAITING', desk_fallback(f.pathway), f.id);
            end if;
        end if;
    elsif t.form ? 'show' then
        -- Declined by the lead: the receiving desk and quality assurance see it and why.
        perform case_show(i.id, f.id, v_desk, 'DECLINED');
        perform case_show(i.id, f.id, u.id, 'DECLINED') from unit u where u.capability = 'QA';
        perform outbox_tell('REFERRAL_DECLINED', v_desk, f.id);
    end if;
    update incident set case_n = i.case_n + 1,
           status = case_status(i.id)
     where id = i.id;
end;
$$;

-- Takes a step for the actor. Runs alone: it locks the case.
create or replace function referral_take(p_reference text, p_transition text, p_etag text, p_happened timestamptz, p_data jsonb,
                                         p_codes jsonb, p_sealed_id uuid, p_sealed text) returns reply language plpgsql as $$
declare
    f referral;
    i incident;
    t pathway_transition;
    v_event record;
    v_now timestamptz := upstander_now();
    v_last timestamptz;
    v_sqlstate text;
    v_constraint text;
begin
    select x.* into i from incident x join referral r on r.incident_id = x.id where r.reference = p_reference for no key update of x;
    if not found then
        return reply_absent('referral');
    end if;
    select * into f from referral where reference = p_reference;
    if not found then
        return reply_absent('referral'); -- hidden from the actor while they waited for the lock
    end if;
    if p_etag <> etag_of(f.n) then
        return reply_of('stale', null, etag_of(f.n));
    end if;
    select * into t from pathway_transition x where x.version_id = f.version_id and x.from_state = f.state and x.transition = p_transition;
    if not found or not referral_may_take(f, t) then
        perform audit_append('DENY', 'referral ' || f.id, i.id, false, jsonb_build_object('transition', step_known(f, p_transition)));
        return reply_of('conflict', null, etag_of(f.n));
    end if;
    select happened_at into v_last from referral_event where referral_id = f.id and n = f.n;
    if p_happened > v_now + interval '1 minute' then
        return reply_fault('/happened_at', 'in_future', 'When it happened must be today or in the past');
    elsif p_happened < v_last then
        return reply_fault('/happened_at', 'before_last_step', 'When it happened must be after the step before it');
    end if;
    begin
        select * into v_event from audit_append('UPDATE', 'referral ' || f.id || ' ' || p_transition, i.id, true,
            jsonb_build_object('from', f.state, 'to', t.to_state), concat_ws('|', p_data::text, p_codes::text, p_sealed));
        perform referral_step(f, i, t, coalesce(p_happened, greatest(v_now, v_last)),
                              case t.side when 'FROM' then f.from_unit_id else f.desk_unit_id end, p_data, p_codes, p_sealed_id, p_sealed);
    exception
        when integrity_constraint_violation then
            get stacked diagnostics v_sqlstate = returned_sqlstate, v_constraint = constraint_name;
            return reply_refused(v_sqlstate, v_constraint);
    end;
    select * into f from referral where id = f.id;
    select * into i from incident where id = i.id;
    if not found or f.id is null then
        -- The step handed the case to a desk this actor is not part of.
        return reply_of('ok', json_build_object('reference', p_reference)::text, null, '/referrals');
    end if;
    return reply_of('ok', (referral_body(f)::jsonb || jsonb_build_object('receipt',
        jsonb_build_object('leaf', encode(v_event.leaf_hash, 'hex'), 'maximum_delay_seconds', 600)))::text, etag_of(f.n), '/referrals/' || p_reference);
end;
$$;

-- Acknowledges several new referrals at once. Those that are not new, not there or not for this actor are passed over alike.
create or replace function referral_acknowledge(p_references jsonb) returns reply language plpgsql as $$
declare
    f record;
    v_done text[] := array[]::text[];
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    for f in select r.id, r.reference, r.incident_id from referral r
              where r.reference in (select jsonb_array_elements_text(p_references)) and r.new_for_unit
                and (r.unit_id = any (actor_units()) or r.closed_at is not null and r.desk_unit_id = any (actor_units()))
              order by r.id for no key update loop
        perform audit_append('UPDATE', 'referral ' || f.id || ' acknowledge', f.incident_id, false);
        update referral set new_for_unit = false where id = f.id;
        v_done := v_done || f.reference;
    end loop;
    return reply_of('ok', json_build_object('acknowledged', to_json(v_done))::text, null, '/referrals');
end;
$$;

-- The definitions in force.
create or replace function pathway_list() returns reply language plpgsql stable as $$
begin
    return reply_of('ok', (select json_build_object('items', json_agg(json_build_object('pathway', v.pathway, 'name', p.name,
        'version', v.number, 'valid_from', v.valid_from, 'source', v.source, 'verified_on', v.verified_on) order by p.sort))::text
        from pathway_version v join pathway p using (pathway) where v.valid_to is null));
end;
$$;

create or replace function pathway_get(p_pathway text) returns reply language plpgsql stable as $$
begin
    return coalesce((select reply_of('ok', (v.definition || jsonb_build_object('version', v.number))::text)
                       from pathway_version v where v.pathway = p_pathway and v.valid_to is null), reply_of('absent'));
end;
$$;
reset role;
