-- The demonstration: an invented partnership whose reports go through the same functions and leave the same audit trail as
-- real ones. Run by `upstander admin demonstration` as superuser, on an empty database only; nobody else may execute these.
set role upstander_owner;

-- Areas, organisations, desks and accounts (config/demonstration/partnership.json, with identifiers, password hash and blind
-- indexes that C has made). NULL when done; otherwise why not.
create or replace function demonstration_partnership(p jsonb, p_password text) returns text language plpgsql as $$
begin
    if exists (select from account) or exists (select from incident) then
        return 'the database is not empty: a demonstration is never mixed with records';
    end if;
    perform set_config('upstander.request', gen_random_uuid()::text, true), set_config('upstander.role', 'OPERATOR', true);
    perform audit_append('CREATE', 'demonstration', null, false);
    update site set value = case key when 'second_factor' then 'optional' else 'yes' end
     where key in ('demonstration', 'second_factor', 'retention_agreed');
    insert into area (area, name, in_partnership) select x ->> 'area', x ->> 'name', true from jsonb_array_elements(p -> 'areas') x
        on conflict (area) do update set name = excluded.name, in_partnership = true;
    insert into organisation (id, slug, name, kind, area)
    select (x ->> 'id')::uuid, x ->> 'slug', x ->> 'name', x ->> 'kind', x ->> 'area' from jsonb_array_elements(p -> 'organisations') x;
    insert into account (id, email, name, password, password_at)
    select (x ->> 'id')::uuid, x ->> 'email', x ->> 'name', p_password, clock_timestamp() from jsonb_array_elements(p -> 'accounts') x;
    insert into account_index (account_id, kind, value)
    select (x ->> 'id')::uuid, i ->> 'kind', i ->> 'value' from jsonb_array_elements(p -> 'accounts') x, jsonb_array_elements(x -> 'indexes') i;
    insert into role_grant (id, account_id, role, organisation_id, alternate, confirmed_at, audit_id)
    select (x ->> 'grant')::uuid, (x ->> 'id')::uuid, x ->> 'role', o.id, coalesce((x ->> 'alternate')::boolean, false), clock_timestamp(), 0
      from jsonb_array_elements(p -> 'accounts') x join organisation o on o.slug = x ->> 'organisation';
    insert into unit (organisation_id, capability)
    select distinct o.id, x ->> 'capability' from jsonb_array_elements(p -> 'desks') x join organisation o on o.slug = x ->> 'organisation'
        on conflict (organisation_id, capability) do nothing;
    insert into desk (pathway, area, unit_id)
    select x ->> 'pathway', x ->> 'area', u.id
      from jsonb_array_elements(p -> 'desks') x join organisation o on o.slug = x ->> 'organisation'
      join unit u on u.organisation_id = o.id and u.capability = x ->> 'capability';
    update organisation o set reports = true
      from jsonb_array_elements(p -> 'organisations') x where o.slug = x ->> 'slug' and (x ->> 'reports')::boolean;
    return null;
end;
$$;

-- The account becomes the actor, at that time. The functions below ask for its permissions as they do of a request; row level
-- security is not asked, because changing to the server's role for each step would plan every statement again, ten times slower.
create or replace function demonstration_act(p_account uuid, p_at timestamptz) returns void language plpgsql as $$
declare
    v_units uuid[];
    v_permissions text;
    v_role text;
    v_organisation uuid;
begin
    select array_agg(distinct g.unit_id) filter (where g.unit_id is not null), (array_agg(g.role))[1], (array_agg(g.organisation_id))[1]
      into v_units, v_role, v_organisation from role_grant g where g.account_id = p_account;
    select ',' || string_agg(distinct p.permission, ',') || ',' into v_permissions
      from role_grant g join role_permission p using (role) where g.account_id = p_account;
    perform set_config('upstander.demonstration_now', p_at::text, true),
            context_set(gen_random_uuid()::text, null, p_account, null, v_role, v_organisation, v_units::text, v_permissions);
end;
$$;

-- Takes one referral through the steps that the report brings for its pathway, as far as there is somebody to take them.
create or replace function demonstration_steps(p_referral uuid, p_steps jsonb, p_today timestamptz) returns void language plpgsql as $$
declare
    f referral;
    s jsonb;
    v_account uuid;
    v_at timestamptz;
    v_reply reply;
begin
    for s in select x from jsonb_array_elements(p_steps) with ordinality e(x, n) order by n loop
        select * into f from referral where id = p_referral;
        v_at := greatest((s ->> 'at')::timestamptz, (select max(happened_at) from referral_event where referral_id = f.id));
        if s ->> 'transition' = 'pass_by' then
            v_at := f.due_at + interval '1 minute';
        end if;
        exit when v_at > p_today;
        if s ->> 'transition' = 'pass_by' then
            continue when f.n > 0; -- immediate danger or silence has moved it on already
            perform set_config('upstander.demonstration_now', v_at::text, true);
            perform job_context(gen_random_uuid()::text);
            perform job_pass_by(10); -- every pathway of the case is silent at once
            continue;
        end if;
        -- Danger may have moved a proposal past its lead already.
        continue when s ->> 'role' = 'AGENCY_LEAD' and not exists (
            select from pathway_transition t where t.version_id = f.version_id and t.from_state = f.state and t.transition = s ->> 'transition');
        select g.account_id into v_account from role_grant g
         where g.role = s ->> 'role' and g.unit_id = case s ->> 'role' when 'AGENCY_LEAD' then f.from_unit_id else f.desk_unit_id end
         order by g.alternate, g.account_id limit 1;
        continue when not found; -- a small desk has managers only
        perform demonstration_act(v_account, v_at);
        if f.new_for_unit and s ->> 'role' <> 'AGENCY_LEAD' then
            perform referral_acknowledge(json_build_array(f.reference)::jsonb);
        end if;
        v_reply := referral_take(f.reference, s ->> 'transition', etag_of(f.n), v_at, s -> 'data', s -> 'codes',
                                 (s ->> 'sealed_id')::uuid, s ->> 'sealed');
        exit when v_reply.outcome = 'conflict'; -- this desk has nobody for it
        if v_reply.outcome <> 'ok' then
            raise exception 'the step % of % was refused: % %', s ->> 'transition', f.pathway, v_reply.outcome, v_reply.body;
        end if;
    end loop;
end;
$$;

-- Files reports as of their own times: [{"id", "reference", "email", "at", "facts", "steps": {pathway: [...]}}]. The clock of
-- this transaction, and of nobody else, is taken from a setting: the replaced function and default never leave the transaction.
create or replace function demonstration_file(p_reports jsonb) returns text language plpgsql as $$
declare
    v_clock text := pg_get_functiondef('upstander.upstander_now()'::regprocedure);
    v_today timestamptz := clock_timestamp();
    r jsonb;
    v_reply reply;
    v_referral record;
begin
    if site_value('demonstration') is distinct from 'yes' then
        return 'only a demonstration may file reports in the past';
    end if;
    execute 'create or replace function upstander.upstander_now() returns timestamptz language plpgsql volatile as
             ''begin return current_setting(''''upstander.demonstration_now'''')::timestamptz; end;''';
    alter table referral_event alter column entered_at set default upstander_now();
    for r in select x from jsonb_array_elements(p_reports) with ordinality e(x, n) order by n loop
        perform demonstration_act((select id from account where email = r ->> 'email'), (r ->> 'at')::timestamptz);
        v_reply := incident_file((r ->> 'id')::uuid, r ->> 'reference', null, null, r ->> 'facts');
        if v_reply.outcome <> 'created' then
            raise exception 'a report was refused: % %', v_reply.outcome, v_reply.body;
        end if;
        for v_referral in select id, pathway from referral where incident_id = (r ->> 'id')::uuid order by reference loop
            perform demonstration_steps(v_referral.id, coalesce(r -> 'steps' -> v_referral.pathway, '[]'), v_today);
        end loop;
    end loop;
    update outbox set sent_at = clock_timestamp() where sent_at is null; -- nobody is told of what is long past
    set constraints all immediate;
    perform set_config('upstander.demonstration_now', '', true), set_config('upstander.account', '', true);
    alter table referral_event alter column entered_at set default clock_timestamp();
    execute v_clock;
    return null;
end;
$$;
reset role;
