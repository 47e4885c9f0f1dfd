-- Accounts: inviting, reading, ending. An administrator sees accounts and no case; what must be seen
-- of cases to keep people out of those that name them is seen here and told to nobody. Every change leaves its event.
set role upstander_gate;

-- Refuses, and says so in the trail, what the actor's roles do not allow.
create or replace function account_refuse(p_object text) returns reply language plpgsql as $$
begin
    if actor() is not null then
        perform audit_append('DENY', p_object, null, false);
    end if;
    return reply_of('denied');
end;
$$;

-- Hides the cases that name the account from it, as case_exclude_named does when a case is opened. The reporter keeps sight
-- of what they sent, as its reporter. A match that was cleared stays cleared. Each new exclusion is an event of its case, and
-- what now waits for nobody moves on. Runs alone: it locks the cases.
create or replace function account_match(p_account uuid) returns integer language plpgsql as $$
declare
    v_count integer := 0;
    m record;
begin
    for m in select distinct p.incident_id, g.ground
               from account_index x
               join incident_person p on (x.kind = 'NAME' and p.name_index = x.value) or (x.kind = 'NAME_ENDS' and p.name_ends_index = x.value)
                    or (x.kind = 'NAME_BIRTH' and p.name_birth_index = x.value) or (x.kind = 'EMAIL' and p.email_index = x.value)
              cross join lateral (select case when x.kind in ('NAME', 'NAME_ENDS') then 'NAME' else 'IDENTITY' end) g(ground)
              where x.account_id = p_account
                and not exists (select from case_exclusion e where e.incident_id = p.incident_id and e.account_id = p_account
                                   and e.ground = g.ground)
              order by 1, 2 loop
        perform from incident where id = m.incident_id for no key update;
        perform audit_append('UPDATE', 'exclusion ' || m.incident_id || ' ' || p_account, m.incident_id, true,
                             jsonb_build_object('ground', m.ground));
        insert into case_exclusion (incident_id, account_id, ground, audit_id) values (m.incident_id, p_account, m.ground, 0);
        update incident set case_n = case_n + 1 where id = m.incident_id;
        perform case_move_on(m.incident_id);
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;

-- The blind indexes of an account's own name, birth date and e-mail: [{"kind", "value"}], computed by the server. Called
-- whenever one of the three changes. Earlier ones stay: what people say of themselves adds to what hides a case from them,
-- and never takes anything away.
create or replace function account_index_set(p_account uuid, p_indexes jsonb) returns void language plpgsql as $$
begin
    insert into account_index (account_id, kind, value)
    select p_account, x ->> 'kind', x ->> 'value' from jsonb_array_elements(p_indexes) x
        on conflict do nothing;
    perform account_match(p_account);
end;
$$;

create or replace function account_etag(a account) returns text language plpgsql stable as $$
begin
    return left(md5(concat_ws('|', a.name, a.email, a.birth_date, a.ended_at)), 16);
end;
$$;

-- An account as administrators see it: no birth date, no case, nothing of what it did.
create or replace function account_body(a account) returns text language plpgsql stable as $$
begin
    return json_strip_nulls(json_build_object('id', a.id, 'etag', account_etag(a), 'name', a.name, 'email', a.email, 'created_at', instant(a.created_at),
        'ended_at', instant(a.ended_at), 'invited', a.password is null and a.ended_at is null,
        'second_factor', exists (select from second_factor f where f.account_id = a.id and f.confirmed_at is not null),
        'grants', coalesce((select json_agg(grant_body(g) order by g.ended_at nulls first, r.sort, g.id)
                              from role_grant g join role r using (role) where g.account_id = a.id), '[]'),
        'changes', (select coalesce(json_agg(change_body(c) order by c.requested_at), '[]') from account_change c
                     where c.account_id = a.id and c.confirmed_at is null and c.ended_at is null),
        'can', json_build_object('change', a.ended_at is null, 'invite_again', a.password is null and a.ended_at is null,
            'end', a.ended_at is null and a.id <> actor(), 'grant', a.ended_at is null and a.id <> actor(),
            'reset_second_factor', a.ended_at is null and a.id <> actor()
                and exists (select from second_factor f where f.account_id = a.id))))::text;
end;
$$;

-- What the forms of this part of the service choose from.
create or replace function account_choices() returns json language plpgsql stable as $$
begin
    return json_build_object(
        'roles', (select json_agg(json_build_object('value', role, 'label', label) order by sort) from role),
        'organisations', (select coalesce(json_agg(json_build_object('value', slug, 'label', name) order by name), '[]') from organisation));
end;
$$;

create or replace function account_list(p_organisation text, p_role text, p_cursor text, p_limit integer) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_before uuid := coalesce(nullif(p_cursor, '')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    v_items json;
    v_next text;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('accounts');
    end if;
    perform audit_append('VIEW', 'accounts', null, false,
        jsonb_strip_nulls(jsonb_build_object('organisation', p_organisation, 'role', p_role)));
    with page as (
        select a.*, row_number() over (order by a.id desc) as rank from account a
         where a.id < v_before
           and ((p_organisation is null and p_role is null) or exists (
                select from role_grant g join organisation o on o.id = g.organisation_id
                 where g.account_id = a.id and g.ended_at is null
                   and (p_organisation is null or o.slug = p_organisation) and (p_role is null or g.role = p_role)))
         order by a.id desc limit p_limit + 1)
    select coalesce(json_agg(json_build_object('id', p.id, 'name', p.name, 'email', p.email,
               'state', case when p.ended_at is not null then 'ENDED' when p.password is null then 'INVITED' else 'IN_USE' end,
               'state_label', case when p.ended_at is not null then 'Ended' when p.password is null then 'Invited' else 'In use' end,
               'roles', (select coalesce(json_agg(json_build_object('role', g.role, 'label', r.label, 'organisation', o.slug,
                             'organisation_name', o.name, 'waits', g.confirmed_at is null) order by r.sort), '[]')
                           from role_grant g join role r using (role) join organisation o on o.id = g.organisation_id
                          where g.account_id = p.id and g.ended_at is null)) order by p.id desc) filter (where p.rank <= p_limit), '[]'),
           (array_agg(p.id order by p.id desc) filter (where p.rank = p_limit))[1]::text || case when max(p.rank) > p_limit then '' end
      into v_items, v_next from page p;
    return reply_of('ok', json_build_object('items', v_items, 'choices', account_choices())::text, null, v_next);
end;
$$;

create or replace function account_get(p_account uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('account');
    end if;
    select * into a from account where id = p_account;
    if not found then
        return reply_absent('account');
    end if;
    perform audit_append('VIEW', 'account ' || a.id, null, false);
    return reply_of('ok', (account_body(a)::jsonb || jsonb_build_object('choices', account_choices()))::text, account_etag(a));
end;
$$;

-- Whether the actor may know of the account, and whether it is still as they saw it.
create or replace function account_sight(p_account uuid, p_etag text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('account');
    end if;
    select * into a from account where id = p_account;
    if not found then
        return reply_absent('account');
    end if;
    return reply_of(case when p_etag <> account_etag(a) then 'stale' else 'ok' end, null, account_etag(a));
end;
$$;

-- Leaves an invitation or a reset: a token by its hash, and a row for the post. Earlier invitations lose their force. Resets
-- stand beside each other until one is used, since anybody may ask for one: a stranger's asking must not kill somebody's link.
create or replace function token_leave(p_account uuid, p_purpose text, p_hash text, p_sealed text) returns void language plpgsql as $$
begin
    if p_purpose = 'INVITATION' then
        update account_token set used_at = clock_timestamp() where account_id = p_account and purpose = p_purpose and used_at is null;
    end if;
    insert into account_token (hash, account_id, purpose, expires_at)
    values (p_hash, p_account, p_purpose, clock_timestamp() + case p_purpose when 'RESET' then interval '1 hour' else interval '72 hours' end);
    insert into outbox (kind, account_id, token_sealed)
    values (case p_purpose when 'RESET' then 'PASSWORD_RESET' else 'ACCOUNT_INVITATION' end, p_account, p_sealed);
end;
$$;

-- Invites somebody with their first role.
create or replace function account_invite(p_id uuid, p_key text, p_hash text, p_email text, p_name text, p_indexes jsonb, p_grant uuid,
    p_role text, p_organisation text, p_alternate boolean, p_token text, p_sealed text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    v_idempotency record;
    v_refusal reply;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('account');
    end if;
    select * into v_idempotency from idempotency_check(p_key, p_hash, null, null);
    if v_idempotency.outcome = 'replayed' then
        select * into a from account where id = v_idempotency.p_object;
        return reply_of('replayed', account_body(a), account_etag(a), '/accounts/' || a.id);
    elsif v_idempotency.outcome is not null then
        return reply_idempotency(v_idempotency.outcome);
    end if;
    if exists (select from account where email = lower(p_email)) then
        return reply_fault('/email', 'taken', 'There is an account with this email address already');
    end if;
    begin
        insert into account (id, email, name) values (p_id, lower(p_email), p_name) returning * into a;
        perform audit_append('CREATE', 'account ' || p_id, null, false);
        v_refusal := grant_give(p_grant, p_id, p_role, p_organisation, p_alternate, null);
        if v_refusal.outcome is not null then
            raise exception 'refused' using errcode = 'UP010';
        end if;
        perform account_index_set(p_id, p_indexes);
        perform token_leave(p_id, 'INVITATION', p_token, p_sealed);
        insert into idempotency (account_id, key, hash, object_id, location)
        values (actor(), p_key, p_hash, p_id, '/accounts/' || p_id);
    exception
        when sqlstate 'UP010' then
            return v_refusal;
        when unique_violation then
            return reply_fault('/email', 'taken', 'There is an account with this email address already');
    end;
    return reply_of('created', account_body(a), account_etag(a), '/accounts/' || p_id);
end;
$$;

-- Another invitation for somebody who has not used theirs.
create or replace function account_invite_again(p_account uuid, p_token text, p_sealed text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('account');
    end if;
    select * into a from account where id = p_account for no key update;
    if not found then
        return reply_absent('account');
    elsif a.password is not null or a.ended_at is not null then
        return reply_of('conflict');
    end if;
    perform audit_append('UPDATE', 'account ' || a.id || ' invitation', null, false);
    perform token_leave(a.id, 'INVITATION', p_token, p_sealed);
    return reply_of('ok', account_body(a), account_etag(a), '/accounts/' || a.id);
end;
$$;

-- What the server needs to compute an account's indexes when part of what they are made of changes.
create or replace function account_identity(p_account uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
begin
    if actor() is null or (coalesce(p_account, actor()) <> actor() and not actor_may('ACCOUNT_MANAGE')) then
        return account_refuse('account');
    end if;
    select * into a from account where id = coalesce(p_account, actor());
    if not found then
        return reply_absent('account');
    end if;
    return reply_of('ok', json_build_object('id', a.id, 'name', a.name, 'email', a.email, 'birth_date', a.birth_date)::text);
end;
$$;

-- The actor's own birth date: given only to be kept out of cases that name them.
create or replace function account_birth_set(p_birth date, p_indexes jsonb) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    perform audit_append('UPDATE', 'account ' || actor() || ' birth date', null, false);
    update account set birth_date = p_birth where id = actor();
    perform account_index_set(actor(), p_indexes);
    return reply_of('ok', null, null, '/account');
end;
$$;

-- Ends an account: its roles and sessions with it. What it did stays under its name.
create or replace function account_end(p_account uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('account');
    end if;
    perform from organisation o where o.id in (select organisation_id from role_grant where account_id = p_account and ended_at is null)
      order by o.id for no key update;
    select * into a from account where id = p_account for no key update;
    if not found then
        return reply_absent('account');
    elsif a.ended_at is not null then
        return reply_of('conflict');
    elsif a.id = actor() then
        return reply_fault('', 'not_yourself', 'Nobody ends their own account. Ask another administrator');
    elsif exists (select from role_grant g where g.account_id = a.id and g.role = 'AGENCY_LEAD' and g.confirmed_at is not null
                     and g.ended_at is null and g.until is null and organisation_would_lack_leads(g.organisation_id, a.id)) then
        return reply_needs_leads('');
    end if;
    perform audit_append('UPDATE', 'account ' || a.id || ' end', null, false);
    update account set ended_at = clock_timestamp(), password = null where id = a.id returning * into a;
    update role_grant set ended_at = clock_timestamp(), ended_by = actor() where account_id = a.id and ended_at is null;
    update session set ended_at = clock_timestamp() where account_id = a.id and ended_at is null;
    update account_token set used_at = clock_timestamp() where account_id = a.id and used_at is null;
    update account_change set ended_at = clock_timestamp(), ended_by = actor()
     where account_id = a.id and confirmed_at is null and ended_at is null;
    return reply_of('ok', account_body(a), account_etag(a), '/accounts/' || a.id);
end;
$$;

grant execute on function account_list(text, text, text, integer), account_get(uuid), account_sight(uuid, text),
    account_invite(uuid, text, text, text, text, jsonb, uuid, text, text, boolean, text, text), account_invite_again(uuid, text, text),
    account_identity(uuid), account_birth_set(date, jsonb), account_end(uuid) to upstander_serve;
reset role;
