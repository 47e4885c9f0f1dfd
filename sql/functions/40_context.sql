-- The context statement: who is asking, and may they? It returns a verdict and never raises.
set role upstander_gate;

-- Puts one request's context in the place of the last one's on this connection, all of it, in one call. True, so that it can be
-- assigned: PERFORM would start a statement, which costs more than the call (conventions, "SQL that runs for every request").
create or replace function context_set(p_request text, p_address text, p_account uuid, p_session text, p_role text, p_organisation uuid,
                                       p_units text, p_permissions text) returns boolean language plpgsql as $$
begin
    return (set_config('upstander.request', p_request, true) || set_config('upstander.address', coalesce(p_address, ''), true)
            || set_config('upstander.account', coalesce(p_account::text, ''), true) || set_config('upstander.session', coalesce(p_session, ''), true)
            || set_config('upstander.role', coalesce(p_role, 'NONE'), true)
            || set_config('upstander.organisation', coalesce(p_organisation::text, ''), true)
            || set_config('upstander.units', coalesce(p_units, ''), true) || set_config('upstander.permissions', coalesce(p_permissions, ''), true)
            || set_config('upstander.audit_id', '', true) || set_config('upstander.seen_case', '', true)
            || set_config('upstander.seen_whole', '', true) || set_config('upstander.seen_referral', '', true)) is not null;
end;
$$;

-- The empty context: nobody asks.
create or replace function context_clear(p_request text, p_address text) returns boolean language plpgsql as $$
begin
    return context_set(p_request, p_address, null, null, null, null, null, null);
end;
$$;

-- What a page's frame shows of the actor.
create or replace function context_frame(p_account uuid, p_units uuid[], p_permissions text) returns text
language plpgsql stable as $$
begin
    return (select json_build_object(
        'actor', json_build_object('id', a.id, 'name', a.name, 'email', a.email,
            'roles', (select json_agg(json_build_object('role', g.role, 'label', r.label, 'organisation', o.slug,
                                                        'organisation_name', o.name, 'area', o.area) order by r.sort)
                        from role_grant g join role r using (role) join organisation o on o.id = g.organisation_id
                       where g.account_id = a.id and grant_counts(g))),
        'may', (select json_object_agg(p, true) from (select distinct unnest(string_to_array(trim(both ',' from p_permissions), ',')) as p) x where p <> ''),
        'new', (select count(*) from (
                    select from referral f
                     where f.new_for_unit and (f.unit_id = any (p_units) and f.closed_at is null
                                               or f.desk_unit_id = any (p_units) and f.closed_at is not null)
                       and not exists (select from case_exclusion x where x.incident_id = f.incident_id
                                          and x.account_id = a.id and x.cleared_at is null) limit 100) waiting),
        'idle_minutes', coalesce(site_value('idle_minutes'), '30')::integer,
        'demonstration', coalesce(site_value('demonstration'), 'no') = 'yes')::text from account a where a.id = p_account);
end;
$$;

-- Whose session it is, and what their roles in force come to: the units and permissions of all, the role and organisation of the
-- first. Nothing but NULLs without a session that counts. A loop, since most have one role and a row costs less than starting an
-- aggregate or a sort.
create or replace function context_actor(p_session text, out account uuid, out idle boolean, out must_change boolean, out second_factor boolean,
                                         out role text, out organisation uuid, out units text, out permissions text, out sees_most boolean)
language plpgsql stable as $$
declare
    v record;
    v_sort integer;
begin
    units := '';
    permissions := ',';
    sees_most := false;
    for v in select a.id, a.must_change, s.second_factor, s.seen_at, g.role, g.unit_id, g.organisation_id, r.sort, r.sees_most, r.permissions
               from session s join account a on a.id = s.account_id
               left join (role_grant g join role r on r.role = g.role) on g.account_id = a.id and grant_counts(g)
              where s.hash = p_session and s.ended_at is null and s.expires_at > clock_timestamp() and a.ended_at is null loop
        account := v.id;
        must_change := v.must_change;
        second_factor := v.second_factor;
        -- No limit is under a minute, so that it need not be looked up for who was here just now.
        idle := v.seen_at < clock_timestamp() - interval '1 minute'
                and v.seen_at < clock_timestamp() - make_interval(mins => coalesce(site_value('idle_minutes'), '30')::integer);
        exit when v.role is null;
        if v_sort is null or v.sort < v_sort then
            v_sort := v.sort;
            role := v.role;
            organisation := v.organisation_id;
        end if;
        sees_most := sees_most or v.sees_most;
        permissions := permissions || v.permissions;
        if strpos(units, v.unit_id::text) = 0 then
            units := units || ',' || v.unit_id;
        end if;
    end loop;
    units := '{' || substr(units, 2) || '}';
end;
$$;

-- Sets the actor of the rest of this request, checks the session and that one of the actor's roles has the permission
-- (NULL: being signed in is enough). p_before: the route is allowed while a second factor or a new password is missing.
-- Verdicts: docs/architecture.md. A refusal leaves the empty context and its DENY event.
create or replace function access_context(p_session text, p_permission text, p_request text, p_route text, p_address text,
                                          p_before boolean, p_frame boolean,
                                          out verdict text, out account text, out frame text)
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v record := context_actor(p_session);
    v_done boolean;
begin
    verdict := case
        when v.account is null then 'unauthenticated'
        when v.idle then 'idle'
        when not p_before and v.must_change then 'pending'
        when not p_before and v.sees_most and not v.second_factor
             and coalesce(site_value('second_factor'), 'required') = 'required' then 'second_factor'
        when p_permission is not null and strpos(v.permissions, ',' || p_permission || ',') = 0 then 'forbidden'
        else 'ok'
    end;
    if verdict = 'ok' then
        v_done := context_set(p_request, p_address, v.account, p_session, v.role, v.organisation, v.units, v.permissions);
        account := v.account::text;
    else
        if verdict in ('unauthenticated', 'idle') then -- who it was does not count any more
            v_done := context_clear(p_request, p_address);
        else
            v_done := context_set(p_request, p_address, v.account, p_session, v.role, v.organisation, null, null);
        end if;
        perform audit_append('DENY', 'route ' || p_route, null, false, jsonb_build_object('verdict', verdict));
        v_done := context_clear(p_request, p_address);
    end if;
    if p_frame and verdict in ('ok', 'forbidden') then -- the page that forbids leads on to what this person may do
        frame := context_frame(v.account, v.units::uuid[], v.permissions);
    end if;
end;
$$;

-- The context of a route for anyone: nobody is asking.
create or replace function access_context_anyone(p_request text, p_address text, out verdict text, out account text, out frame text)
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    verdict := case when context_clear(p_request, p_address) then 'ok' end;
end;
$$;
revoke all on function context_set(text, text, uuid, text, text, uuid, text, text), context_clear(text, text), context_frame(uuid, uuid[], text), context_actor(text) from public;
grant execute on function access_context(text, text, text, text, text, boolean, boolean), access_context_anyone(text, text) to upstander_serve;
reset role;
