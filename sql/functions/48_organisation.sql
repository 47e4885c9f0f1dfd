-- Organisations, and the clearing of matches by name alone.
set role upstander_gate;

create or replace function organisation_etag(o organisation) returns text language plpgsql stable as $$
begin
    return left(md5(concat_ws('|', o.name, o.kind, o.area, o.reports)), 16);
end;
$$;

create or replace function organisation_body(o organisation) returns text language plpgsql stable as $$
begin
    return json_strip_nulls(json_build_object('slug', o.slug, 'etag', organisation_etag(o), 'name', o.name, 'kind', o.kind, 'area', o.area, 'reports', o.reports,
        'leads', organisation_leads(o.id),
        'people', (select coalesce(json_agg(json_build_object('account', a.id, 'name', a.name, 'role', g.role, 'label', r.label,
                       'alternate', g.alternate, 'until', instant(g.until)) order by r.sort, a.name), '[]')
                     from role_grant g join account a on a.id = g.account_id join role r using (role)
                    where g.organisation_id = o.id and grant_counts(g)),
        'units', (select coalesce(json_agg(capability order by capability), '[]') from unit where organisation_id = o.id)))::text;
end;
$$;

create or replace function organisation_list() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('organisations');
    end if;
    perform audit_append('VIEW', 'organisations', null, false);
    return reply_of('ok', json_build_object('items', (
        select coalesce(json_agg(json_build_object('slug', o.slug, 'name', o.name, 'kind', o.kind, 'area', o.area,
                                                   'reports', o.reports, 'leads', organisation_leads(o.id)) order by o.name), '[]')
          from organisation o))::text);
end;
$$;

create or replace function organisation_get(p_slug text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    o organisation;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('organisation');
    end if;
    select * into o from organisation where slug = p_slug;
    if not found then
        return reply_absent('organisation');
    end if;
    perform audit_append('VIEW', 'organisation ' || o.id, null, false);
    return reply_of('ok', organisation_body(o), organisation_etag(o));
end;
$$;

-- A new organisation does not report yet: it has no leads.
create or replace function organisation_add(p_id uuid, p_key text, p_hash text, p_slug text, p_name text, p_kind text, p_area text)
returns reply language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    o organisation;
    v_idempotency record;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('organisation');
    end if;
    select * into v_idempotency from idempotency_check(p_key, p_hash, null, null);
    if v_idempotency.outcome in ('in_progress', 'mismatch') then
        return reply_idempotency(v_idempotency.outcome);
    elsif v_idempotency.outcome is null then
        perform audit_append('CREATE', 'organisation ' || p_id, null, false);
        insert into organisation (id, slug, name, kind, area) values (p_id, p_slug, p_name, p_kind, p_area);
        insert into idempotency (account_id, key, hash, object_id, location)
        values (actor(), p_key, p_hash, p_id, '/organisations/' || p_slug);
        v_idempotency.p_object := p_id;
    end if;
    select * into o from organisation where id = v_idempotency.p_object;
    return reply_of(coalesce(v_idempotency.outcome, 'created'), organisation_body(o), organisation_etag(o), '/organisations/' || o.slug);
exception
    when unique_violation then
        return reply_fault('/slug', 'taken', 'There is an organisation with this short name already');
    when foreign_key_violation then
        return reply_fault('/area', 'unknown_code', 'Choose an authority from the list');
end;
$$;

-- Changes an organisation; a NULL leaves a value as it is. It can only report once it has two leads.
create or replace function organisation_sight(p_slug text, p_etag text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    o organisation;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('organisation');
    end if;
    select * into o from organisation where slug = p_slug;
    if not found then
        return reply_absent('organisation');
    end if;
    return reply_of(case when p_etag <> organisation_etag(o) then 'stale' else 'ok' end, null, organisation_etag(o));
end;
$$;

create or replace function organisation_change(p_slug text, p_etag text, p_name text, p_kind text, p_area text, p_reports boolean)
returns reply language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    o organisation;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('organisation');
    end if;
    select * into o from organisation where slug = p_slug for no key update;
    if not found then
        return reply_absent('organisation');
    elsif trim(both '"' from p_etag) <> organisation_etag(o) then
        return reply_of('stale', null, organisation_etag(o));
    elsif p_reports and organisation_leads(o.id) < 2 then
        return reply_needs_leads('/reports');
    end if;
    perform audit_append('UPDATE', 'organisation ' || o.id, null, false,
        jsonb_strip_nulls(jsonb_build_object('name', p_name, 'kind', p_kind, 'area', p_area, 'reports', p_reports)));
    update organisation set name = coalesce(p_name, name), kind = coalesce(p_kind, kind),
           area = case p_area when '' then null else coalesce(p_area, area) end,
           reports = coalesce(p_reports, reports)
     where id = o.id returning * into o;
    return reply_of('ok', organisation_body(o), organisation_etag(o), '/organisations/' || o.slug);
exception
    when foreign_key_violation then
        return reply_fault('/area', 'unknown_code', 'Choose an authority from the list');
end;
$$;

reset role;

set role upstander_owner;
-- A unit has its organisation's name (0020_unit_name.sql).
create or replace function unit_named() returns trigger language plpgsql as $$
begin
    -- Shared, so that a renaming waits for the unit, or the unit for the renaming.
    select name into new.name from organisation where id = new.organisation_id for share;
    return new;
end;
$$;
create or replace function organisation_renamed() returns trigger language plpgsql as $$
begin
    update unit set name = new.name where organisation_id = new.id;
    return null;
end;
$$;
create or replace trigger unit_named before insert on unit for each row execute function unit_named();
create or replace trigger organisation_renamed after update of name on organisation for each row
    when (old.name <> new.name) execute function organisation_renamed();
reset role;
set role upstander_gate;

-- The matches by name alone that nobody has looked at yet. A reference and a name, nothing of the case; never one that
-- concerns the actor, nor one of a case that is hidden from the actor.
create or replace function exclusion_list() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if not actor_may('EXCLUSION_CLEAR') then
        return account_refuse('exclusions');
    end if;
    perform audit_append('VIEW', 'exclusions', null, false);
    return reply_of('ok', json_build_object('items', (
        select coalesce(json_agg(json_build_object('incident', i.reference, 'account', a.id, 'name', a.name,
                                                   'since', instant(e.since)) order by e.since), '[]')
          from case_exclusion e join incident i on i.id = e.incident_id join account a on a.id = e.account_id
         where e.ground = 'NAME' and e.cleared_at is null and a.ended_at is null
           and not exists (select from case_exclusion own where own.incident_id = e.incident_id and own.account_id = actor()
                              and own.cleared_at is null)))::text);
end;
$$;

-- The match by name alone that the actor may clear, if there is one.
create or replace function exclusion_waiting(p_reference text, p_account uuid) returns case_exclusion language plpgsql stable as $$
declare
    e case_exclusion;
begin
    select x.* into e from case_exclusion x join incident i on i.id = x.incident_id
     where i.reference = p_reference and x.account_id = p_account and x.ground = 'NAME' and x.cleared_at is null
       and not exists (select from case_exclusion own where own.incident_id = x.incident_id and own.account_id = actor()
                          and own.cleared_at is null);
    return e;
end;
$$;

-- The key under which the reason for clearing a match is sealed.
create or replace function exclusion_key(p_reference text, p_account uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    e case_exclusion;
begin
    if not actor_may('EXCLUSION_CLEAR') then
        return account_refuse('exclusion');
    end if;
    e := exclusion_waiting(p_reference, p_account);
    if e.incident_id is null then
        return reply_absent('exclusion');
    end if;
    return reply_of('ok', json_build_object('incident', e.incident_id,
                                            'wrapped', (select wrapped from data_key where owner_id = e.incident_id))::text);
end;
$$;

create or replace function exclusion_clear(p_reference text, p_account uuid, p_reason_id uuid, p_sealed text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    e case_exclusion;
begin
    if not actor_may('EXCLUSION_CLEAR') then
        return account_refuse('exclusion');
    end if;
    perform from incident where reference = p_reference for no key update;
    e := exclusion_waiting(p_reference, p_account); -- as it stands now that the lock is held
    if e.incident_id is null then
        return reply_absent('exclusion');
    end if;
    perform audit_append('UPDATE', 'exclusion ' || e.incident_id || ' ' || e.account_id || ' clear', e.incident_id, false, null, p_sealed);
    update case_exclusion set cleared_at = clock_timestamp(), cleared_by = actor(), reason_id = p_reason_id, reason_sealed = p_sealed
     where incident_id = e.incident_id and account_id = e.account_id and ground = 'NAME';
    return reply_of('ok', null, null, '/exclusions');
end;
$$;

grant execute on function organisation_list(), organisation_get(text), organisation_sight(text, text),
    organisation_add(uuid, text, text, text, text, text, text),
    organisation_change(text, text, text, text, text, boolean), exclusion_list(), exclusion_key(text, uuid),
    exclusion_clear(text, uuid, uuid, text) to upstander_serve;
reset role;
