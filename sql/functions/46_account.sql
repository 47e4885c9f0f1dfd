-- Accounts and roles: inviting, granting, confirming, ending. An administrator sees accounts and no case; what must be seen
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
-- of what they sent, as its reporter. A match that was cleared stays cleared. Each new exclusion is an event of its case.
create or replace function account_match(p_account uuid) returns integer language plpgsql as $$
declare
    v_count integer := 0;
    m record;
begin
    for m in select distinct p.incident_id, case when x.kind = 'NAME' then 'NAME' else 'IDENTITY' end as ground
               from account_index x
               join incident_person p on (x.kind = 'NAME' and p.name_index = x.value)
                    or (x.kind = 'NAME_BIRTH' and p.name_birth_index = x.value) or (x.kind = 'EMAIL' and p.email_index = x.value)
              where x.account_id = p_account
                and not exists (select from case_exclusion e where e.incident_id = p.incident_id and e.account_id = p_account
                                   and e.ground = case when x.kind = 'NAME' then 'NAME' else 'IDENTITY' end) loop
        perform audit_append('UPDATE', 'exclusion ' || m.incident_id || ' ' || p_account, m.incident_id, false,
                             jsonb_build_object('ground', m.ground));
        insert into case_exclusion (incident_id, account_id, ground, audit_id) values (m.incident_id, p_account, m.ground, 0);
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;

-- The blind indexes of an account's own name, birth date and e-mail: [{"kind", "value"}], computed by the server. Called
-- whenever one of the three changes.
create or replace function account_index_set(p_account uuid, p_indexes jsonb) returns void language plpgsql as $$
begin
    delete from account_index where account_id = p_account;
    insert into account_index (account_id, kind, value)
    select p_account, x ->> 'kind', x ->> 'value' from jsonb_array_elements(p_indexes) x;
    perform account_match(p_account);
end;
$$;

-- The unit of an organisation with a role's capability, made when the first person holds such a role.
create or replace function unit_of(p_organisation uuid, p_role text) returns uuid language plpgsql as $$
declare
    v_capability text := (select capability from role where role = p_role);
    v_unit uuid;
begin
    if v_capability is null then
        return null;
    end if;
    select id into v_unit from unit where organisation_id = p_organisation and capability = v_capability;
    if not found then
        insert into unit (organisation_id, capability) values (p_organisation, v_capability)
            on conflict (organisation_id, capability) do update set capability = excluded.capability returning id into v_unit;
    end if;
    return v_unit;
end;
$$;

-- What must be true of a grant whoever writes it: its unit follows from the role, and a role that sees most counts only once
-- a second person has confirmed it, unless it was given on the server's own command line.
create or replace function role_grant_complete() returns trigger
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    new.unit_id := unit_of(new.organisation_id, new.role);
    if new.confirmed_at is not null and new.confirmed_by is null and new.requested_by is not null
       and (select sees_most from role where role = new.role) then
        raise exception 'this role needs a second person' using errcode = '23514', constraint = 'role_grant_two_people',
              table = 'role_grant', schema = 'upstander';
    end if;
    return new;
end;
$$;

-- How many people lead in an organisation that will still do so tomorrow: a grant with an end date runs out by itself,
-- when nobody could refuse it any more, so it is not relied upon.
create or replace function organisation_leads(p_organisation uuid) returns integer language plpgsql stable as $$
begin
    return (select count(distinct g.account_id) from role_grant g join account a on a.id = g.account_id
             where g.organisation_id = p_organisation and g.role = 'AGENCY_LEAD' and g.confirmed_at is not null
               and g.ended_at is null and g.until is null and a.ended_at is null);
end;
$$;

-- An organisation whose people report has two leads, so that one who is named in a case can be passed over. Held at commit,
-- so that a lead can be replaced in one transaction. The functions below say it kindly beforehand.
create or replace function organisation_keep_leads() returns trigger
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_organisation uuid;
begin
    for v_organisation in
        select o.id from organisation o
         where o.reports and o.id in (select case tg_table_name when 'organisation' then new.id end
                                      union all select case tg_table_name when 'role_grant' then
                                          (to_jsonb(new) ->> 'organisation_id')::uuid end
                                      union all select g.organisation_id from role_grant g
                                                 where tg_table_name = 'account' and g.account_id = new.id and g.ended_at is null) loop
        if organisation_leads(v_organisation) < 2 then
            raise exception 'an organisation that reports needs two safeguarding leads' using errcode = '23514',
                  constraint = 'organisation_needs_two_leads', table = 'organisation', schema = 'upstander';
        end if;
    end loop;
    return null;
end;
$$;
grant execute on function role_grant_complete(), organisation_keep_leads() to upstander_owner;
reset role;

set role upstander_owner;
drop trigger if exists role_grant_complete on role_grant;
create trigger role_grant_complete before insert or update on role_grant
    for each row execute function role_grant_complete();
drop trigger if exists organisation_keep_leads on organisation;
create constraint trigger organisation_keep_leads after insert or update on organisation
    deferrable initially deferred for each row when (new.reports) execute function organisation_keep_leads();
drop trigger if exists role_grant_keep_leads on role_grant;
create constraint trigger role_grant_keep_leads after update on role_grant
    deferrable initially deferred for each row when (new.role = 'AGENCY_LEAD') execute function organisation_keep_leads();
drop trigger if exists account_keep_leads on account;
create constraint trigger account_keep_leads after update of ended_at on account
    deferrable initially deferred for each row when (new.ended_at is not null) execute function organisation_keep_leads();
reset role;

set role upstander_gate;
-- The words for it, and whether taking one lead away would break it.
create or replace function organisation_would_lack_leads(p_organisation uuid, p_without uuid) returns boolean
language plpgsql stable as $$
begin
    return (select reports from organisation where id = p_organisation)
       and (select count(distinct g.account_id) from role_grant g join account a on a.id = g.account_id
             where g.organisation_id = p_organisation and g.role = 'AGENCY_LEAD' and g.confirmed_at is not null
               and g.ended_at is null and g.until is null and a.ended_at is null and g.account_id <> p_without) < 2;
end;
$$;

create or replace function reply_needs_leads(p_field text) returns reply language plpgsql stable as $$
begin
    return reply_fault(p_field, 'two_leads_needed',
        'An organisation whose people report needs two safeguarding leads without an end date. Add another lead first');
end;
$$;

create or replace function account_etag(a account) returns text language plpgsql stable as $$
begin
    return left(md5(concat_ws('|', a.name, a.email, a.birth_date, a.ended_at)), 16);
end;
$$;

create or replace function grant_body(g role_grant) returns json language plpgsql stable as $$
begin
    return (select json_strip_nulls(json_build_object('id', g.id, 'role', g.role, 'label', r.label, 'organisation', o.slug,
                'organisation_name', o.name, 'area', o.area, 'alternate', g.alternate, 'sees_most', r.sees_most,
                'requested_at', instant(g.requested_at), 'requested_by', (select name from account where id = g.requested_by),
                'confirmed_at', instant(g.confirmed_at), 'confirmed_by', (select name from account where id = g.confirmed_by),
                'until', instant(g.until), 'ended_at', instant(g.ended_at), 'in_force', grant_counts(g),
                'waits', g.confirmed_at is null and g.ended_at is null,
                'can', json_build_object('end', g.ended_at is null and actor_may('ACCOUNT_MANAGE') and g.account_id <> actor(),
                    'confirm', g.confirmed_at is null and g.ended_at is null and actor_may('GRANT_CONFIRM')
                               and g.account_id <> actor() and g.requested_by is distinct from actor())))
              from role r, organisation o where r.role = g.role and o.id = g.organisation_id);
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

-- Gives a role, or asks for it: one that sees most waits for a second person.
create or replace function grant_give(p_id uuid, p_account uuid, p_role text, p_organisation text, p_alternate boolean,
                                      p_until timestamptz) returns reply language plpgsql as $$
declare
    v_organisation uuid := (select id from organisation where slug = p_organisation);
    v_sees_most boolean := (select sees_most from role where role = p_role);
begin
    if v_sees_most is null then
        return reply_fault('/role', 'unknown_role', 'Choose a role from the list');
    elsif v_organisation is null then
        return reply_fault('/organisation', 'unknown_organisation', 'Choose an organisation from the list');
    elsif p_account = actor() then
        return reply_fault('/role', 'not_to_yourself', 'Nobody gives a role to themselves. Ask another administrator');
    elsif p_until <= clock_timestamp() then
        return reply_fault('/until', 'in_the_past', 'The end must be in the future');
    elsif exists (select from role_grant where account_id = p_account and role = p_role and organisation_id = v_organisation
                     and ended_at is null) then
        return reply_fault('/role', 'taken', 'This person has this role in this organisation already');
    end if;
    perform audit_append('CREATE', 'grant ' || p_id || ' ' || p_role, null, false,
                         jsonb_build_object('account', p_account, 'organisation', v_organisation, 'confirmed', not v_sees_most));
    insert into role_grant (id, account_id, role, organisation_id, alternate, requested_by, confirmed_at, until, audit_id)
    values (p_id, p_account, p_role, v_organisation, coalesce(p_alternate, false), actor(),
            case when not v_sees_most then clock_timestamp() end, p_until, 0);
    return null;
end;
$$;

-- Leaves an invitation: a token by its hash, and a row for the post. Earlier ones lose their force.
create or replace function token_leave(p_account uuid, p_purpose text, p_hash text, p_sealed text) returns void language plpgsql as $$
begin
    update account_token set used_at = clock_timestamp() where account_id = p_account and purpose = p_purpose and used_at is null;
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
    elsif v_idempotency.outcome = 'mismatch' then
        return reply_of('invalid', '{"problem": "key_reused"}');
    elsif v_idempotency.outcome is not null then
        return reply_of(v_idempotency.outcome);
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

-- Changes name and email address. The indexes follow, and with them what the account may know of.
create or replace function account_change(p_account uuid, p_etag text, p_name text, p_email text, p_indexes jsonb) returns reply
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
    elsif a.ended_at is not null then
        return reply_of('conflict');
    elsif trim(both '"' from p_etag) <> account_etag(a) then
        return reply_of('stale', null, account_etag(a));
    elsif exists (select from account where email = lower(p_email) and id <> p_account) then
        return reply_fault('/email', 'taken', 'There is an account with this email address already');
    end if;
    perform audit_append('UPDATE', 'account ' || a.id, null, false,
        jsonb_build_object('name', p_name is distinct from a.name, 'email', lower(p_email) is distinct from a.email));
    update account set name = p_name, email = lower(p_email) where id = p_account returning * into a;
    perform account_index_set(p_account, p_indexes);
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

create or replace function grant_add(p_id uuid, p_key text, p_hash text, p_account uuid, p_role text, p_organisation text,
                                     p_alternate boolean, p_until date) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    g role_grant;
    v_idempotency record;
    v_refusal reply;
    v_until timestamptz := (p_until + 1)::timestamp at time zone 'Europe/London'; -- up to and including that day
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('grant');
    end if;
    select * into a from account where id = p_account;
    if not found then
        return reply_absent('account');
    elsif a.ended_at is not null then
        return reply_of('conflict');
    end if;
    select * into v_idempotency from idempotency_check(p_key, p_hash, null, null);
    if v_idempotency.outcome = 'mismatch' then
        return reply_of('invalid', '{"problem": "key_reused"}');
    elsif v_idempotency.outcome = 'in_progress' then
        return reply_of('in_progress');
    elsif v_idempotency.outcome is null then
        v_refusal := grant_give(p_id, p_account, p_role, p_organisation, p_alternate, v_until);
        if v_refusal.outcome is not null then
            return v_refusal;
        end if;
        insert into idempotency (account_id, key, hash, object_id, location)
        values (actor(), p_key, p_hash, p_id, '/accounts/' || p_account);
        v_idempotency.p_object := p_id;
    end if;
    select * into g from role_grant where id = v_idempotency.p_object;
    return reply_of(coalesce(v_idempotency.outcome, 'created'), grant_body(g)::text, null, '/accounts/' || g.account_id);
exception
    when unique_violation then
        return reply_fault('/role', 'taken', 'This person has this role in this organisation already');
end;
$$;

-- The roles that wait for a second person.
create or replace function grant_waiting() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if not actor_may('GRANT_CONFIRM') then
        return account_refuse('grants');
    end if;
    perform audit_append('VIEW', 'grants', null, false);
    return reply_of('ok', json_build_object('items', (
        select coalesce(json_agg((grant_body(g)::jsonb || jsonb_build_object('account', a.id, 'name', a.name, 'email', a.email))
                                 order by g.requested_at), '[]')
          from role_grant g join account a on a.id = g.account_id
         where g.confirmed_at is null and g.ended_at is null))::text);
end;
$$;

create or replace function grant_confirm(p_grant uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    g role_grant;
begin
    if not actor_may('GRANT_CONFIRM') then
        return account_refuse('grant');
    end if;
    select * into g from role_grant where id = p_grant for no key update;
    if not found then
        return reply_absent('grant');
    elsif g.confirmed_at is not null or g.ended_at is not null then
        return reply_of('conflict');
    elsif g.requested_by = actor() then
        perform audit_append('DENY', 'grant ' || g.id || ' confirm', null, false);
        return reply_fault('', 'same_person', 'A role must be confirmed by somebody other than who asked for it');
    elsif g.account_id = actor() then
        perform audit_append('DENY', 'grant ' || g.id || ' confirm', null, false);
        return reply_fault('', 'not_to_yourself', 'Nobody confirms a role for themselves');
    end if;
    perform audit_append('UPDATE', 'grant ' || g.id || ' confirm', null, false,
                         jsonb_build_object('account', g.account_id, 'role', g.role, 'organisation', g.organisation_id));
    update role_grant set confirmed_by = actor(), confirmed_at = clock_timestamp() where id = p_grant returning * into g;
    return reply_of('ok', grant_body(g)::text, null, '/grants');
end;
$$;

create or replace function grant_end(p_grant uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    g role_grant;
begin
    if not (actor_may('ACCOUNT_MANAGE') or actor_may('GRANT_CONFIRM')) then
        return account_refuse('grant');
    end if;
    select * into g from role_grant where id = p_grant;
    if not found or (not actor_may('ACCOUNT_MANAGE') and g.confirmed_at is not null) then
        return reply_absent('grant'); -- who only confirms may turn down what waits, and no more
    end if;
    -- Two leads ended at the same moment must not both find the other.
    perform from organisation where id = g.organisation_id for no key update;
    select * into g from role_grant where id = p_grant for no key update;
    if g.ended_at is not null then
        return reply_of('conflict');
    elsif g.account_id = actor() then
        return reply_fault('', 'not_yourself', 'Nobody ends their own role. Ask another administrator');
    elsif g.role = 'AGENCY_LEAD' and g.confirmed_at is not null and g.until is null
          and organisation_would_lack_leads(g.organisation_id, g.account_id) then
        return reply_needs_leads('');
    end if;
    perform audit_append('UPDATE', 'grant ' || g.id || ' end', null, false,
                         jsonb_build_object('account', g.account_id, 'role', g.role, 'organisation', g.organisation_id));
    update role_grant set ended_by = actor(), ended_at = clock_timestamp() where id = p_grant returning * into g;
    return reply_of('ok', grant_body(g)::text, null,
                    case when actor_may('ACCOUNT_MANAGE') then '/accounts/' || g.account_id else '/grants' end);
end;
$$;

-- Whether somebody stands in for others in this role.
create or replace function grant_alternate(p_grant uuid, p_alternate boolean) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    g role_grant;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('grant');
    end if;
    select * into g from role_grant where id = p_grant for no key update;
    if not found then
        return reply_absent('grant');
    elsif g.ended_at is not null then
        return reply_of('conflict');
    end if;
    perform audit_append('UPDATE', 'grant ' || g.id || ' alternate', null, false, jsonb_build_object('alternate', p_alternate));
    update role_grant set alternate = p_alternate where id = p_grant returning * into g;
    return reply_of('ok', grant_body(g)::text, null, '/accounts/' || g.account_id);
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
    return reply_of('ok', account_body(a), account_etag(a), '/accounts/' || a.id);
end;
$$;

-- Takes the second factor away from somebody who lost it. They sign in again, and set up another if their role needs one.
create or replace function account_second_factor_reset(p_account uuid) returns reply
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
    elsif a.id = actor() then
        return reply_fault('', 'not_yourself', 'Nobody takes away their own second factor. Ask another administrator');
    end if;
    perform audit_append('UPDATE', 'account ' || a.id || ' second factor reset', null, false);
    delete from recovery_code where account_id = a.id;
    delete from second_factor where account_id = a.id;
    update session set ended_at = clock_timestamp() where account_id = a.id and ended_at is null;
    return reply_of('ok', account_body(a), account_etag(a), '/accounts/' || a.id);
end;
$$;

grant execute on function account_list(text, text, text, integer), account_get(uuid), account_sight(uuid, text),
    account_invite(uuid, text, text, text, text, jsonb, uuid, text, text, boolean, text, text), account_invite_again(uuid, text, text),
    account_change(uuid, text, text, text, jsonb), account_identity(uuid), account_birth_set(date, jsonb),
    grant_add(uuid, text, text, uuid, text, text, boolean, date), grant_waiting(), grant_confirm(uuid), grant_end(uuid),
    grant_alternate(uuid, boolean), account_end(uuid), account_second_factor_reset(uuid) to upstander_serve;
reset role;
