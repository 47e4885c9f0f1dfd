-- The context statement: who is asking, and may they? It returns a verdict and never raises.
set role upstander_gate;

-- Puts one request's context in the place of the last one's on this connection, all of it, in one call.
create or replace function context_set(p_request text, p_address text, p_account uuid, p_session text, p_role text, p_organisation uuid,
                                       p_units uuid[], p_permissions text) returns void language plpgsql as $$
begin
    perform set_config('upstander.request', p_request, true), set_config('upstander.address', coalesce(p_address, ''), true),
            set_config('upstander.account', coalesce(p_account::text, ''), true), set_config('upstander.session', coalesce(p_session, ''), true),
            set_config('upstander.role', coalesce(p_role, 'NONE'), true),
            set_config('upstander.organisation', coalesce(p_organisation::text, ''), true),
            set_config('upstander.units', coalesce(p_units::text, ''), true), set_config('upstander.permissions', coalesce(p_permissions, ''), true),
            set_config('upstander.audit_id', '', true), set_config('upstander.seen_case', '', true),
            set_config('upstander.seen_whole', '', true), set_config('upstander.seen_referral', '', true);
end;
$$;

-- The empty context: nobody asks.
create or replace function context_clear(p_request text, p_address text) returns void language plpgsql as $$
begin
    perform context_set(p_request, p_address, null, null, null, null, null, null);
end;
$$;

-- What a page's frame shows of the actor.
create or replace function context_frame(p_account account, p_units uuid[], p_permissions text) returns text
language plpgsql stable as $$
begin
    return json_build_object(
        'actor', json_build_object('id', p_account.id, 'name', p_account.name, 'email', p_account.email,
            'roles', (select json_agg(json_build_object('role', g.role, 'label', r.label, 'organisation', o.slug,
                                                        'organisation_name', o.name, 'area', o.area) order by r.sort)
                        from role_grant g join role r using (role) join organisation o on o.id = g.organisation_id
                       where g.account_id = p_account.id and grant_counts(g))),
        'may', (select json_object_agg(p, true) from (select distinct unnest(string_to_array(trim(both ',' from p_permissions), ',')) as p) x where p <> ''),
        'new', (select count(*) from (
                    select from referral f
                     where f.new_for_unit and (f.unit_id = any (p_units) and f.closed_at is null
                                               or f.desk_unit_id = any (p_units) and f.closed_at is not null)
                       and not exists (select from case_exclusion x where x.incident_id = f.incident_id
                                          and x.account_id = p_account.id and x.cleared_at is null) limit 100) waiting),
        'idle_minutes', coalesce(site_value('idle_minutes'), '30')::integer,
        'demonstration', coalesce(site_value('demonstration'), 'no') = 'yes')::text;
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
    s session;
    a account;
    v_units uuid[];
    v_permissions text;
    v_role text;
    v_organisation uuid;
    v_sees_most boolean;
begin
    select * into s from session where hash = p_session;
    if found and s.ended_at is null and s.expires_at > clock_timestamp() then
        if s.seen_at < clock_timestamp() - make_interval(mins => coalesce(site_value('idle_minutes'), '30')::integer) then
            verdict := 'idle';
        else
            select * into a from account where id = s.account_id and ended_at is null;
        end if;
    end if;
    if a.id is null then
        verdict := coalesce(verdict, 'unauthenticated');
    else
        select array_agg(distinct g.unit_id) filter (where g.unit_id is not null),
               (array_agg(g.role))[1], (array_agg(g.organisation_id))[1], bool_or(g.sees_most), ',' || string_agg(g.permissions, ',') || ','
          into v_units, v_role, v_organisation, v_sees_most, v_permissions
          from (select g.*, r.sees_most, (select string_agg(p.permission, ',') from role_permission p where p.role = g.role) as permissions
                  from role_grant g join role r using (role) where g.account_id = a.id and grant_counts(g) order by r.sort) g;
        verdict := case
            when not p_before and a.must_change then 'pending'
            when not p_before and v_sees_most and not s.second_factor
                 and coalesce(site_value('second_factor'), 'required') = 'required' then 'second_factor'
            when p_permission is not null and strpos(coalesce(v_permissions, ''), ',' || p_permission || ',') = 0 then 'forbidden'
            else 'ok'
        end;
    end if;
    if verdict <> 'ok' then
        perform context_set(p_request, p_address, a.id, case when a.id is not null then s.hash end, v_role, v_organisation, null, null);
        perform audit_append('DENY', 'route ' || p_route, null, false, jsonb_build_object('verdict', verdict));
        if verdict = 'forbidden' and p_frame then -- the page that says so leads on to what this person may do
            frame := context_frame(a, coalesce(v_units, '{}'), coalesce(v_permissions, ''));
        end if;
        perform context_clear(p_request, p_address);
        return;
    end if;
    perform context_set(p_request, p_address, a.id, s.hash, v_role, v_organisation, coalesce(v_units, '{}'), v_permissions);
    account := a.id::text;
    if p_frame then
        frame := context_frame(a, coalesce(v_units, '{}'), coalesce(v_permissions, ''));
    end if;
end;
$$;

-- The context of a route for anyone: nobody is asking.
create or replace function access_context_anyone(p_request text, p_address text, out verdict text, out account text, out frame text)
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    perform context_clear(p_request, p_address);
    verdict := 'ok';
end;
$$;
revoke all on function context_set(text, text, uuid, text, text, uuid, uuid[], text), context_clear(text, text), context_frame(account, uuid[], text) from public;
grant execute on function access_context(text, text, text, text, text, boolean, boolean), access_context_anyone(text, text) to upstander_serve;
reset role;
