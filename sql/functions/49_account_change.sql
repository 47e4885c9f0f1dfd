-- Changes of how somebody signs in: the name and address of an account, its second factor. Whoever could change the address of
-- somebody who sees most could have a password reset sent there, so that takes two people, as the role itself did.
set role upstander_owner;
drop trigger if exists account_change_audit on account_change;
create trigger account_change_audit before insert or update on account_change for each row execute function audit_stamp();
alter table account_change enable always trigger account_change_audit;
reset role;

set role upstander_gate;
-- Whether a change of how somebody signs in takes two people: they hold a role that sees most, or are asked to.
create or replace function account_sees_most(p_account uuid) returns boolean language plpgsql stable as $$
begin
    return exists (select from role_grant g join role r using (role)
                    where g.account_id = p_account and r.sees_most and g.ended_at is null
                      and (g.until is null or g.until > clock_timestamp()));
end;
$$;

create or replace function change_body(c account_change) returns json language plpgsql stable as $$
begin
    return json_strip_nulls(json_build_object('id', c.id, 'account', c.account_id, 'kind', c.kind,
        'label', case c.kind when 'EMAIL' then 'New email address' else 'Reset of the second factor' end, 'value', c.value,
        'requested_at', instant(c.requested_at), 'requested_by', (select name from account where id = c.requested_by),
        'confirmed_at', instant(c.confirmed_at), 'confirmed_by', (select name from account where id = c.confirmed_by),
        'ended_at', instant(c.ended_at), 'waits', c.confirmed_at is null and c.ended_at is null,
        'can', json_build_object('end', c.confirmed_at is null and c.ended_at is null,
            'confirm', c.confirmed_at is null and c.ended_at is null and actor_may('GRANT_CONFIRM')
                       and c.account_id <> actor() and c.requested_by <> actor())));
end;
$$;

-- Tells somebody that their account was changed, or that this is asked: at the address it has, and at one that it had.
create or replace function account_tell(p_account uuid, p_email text) returns void language plpgsql as $$
begin
    insert into outbox (kind, account_id, email) values ('ACCOUNT_CHANGED', p_account, p_email);
end;
$$;

-- Another address: told to both, and nothing that was opened or sent under the old one works any longer.
create or replace function account_email_set(a account, p_email text, p_indexes jsonb) returns void language plpgsql as $$
begin
    perform account_tell(a.id, a.email);
    update account set email = p_email where id = a.id;
    perform account_tell(a.id, null), account_index_set(a.id, p_indexes);
    update session set ended_at = clock_timestamp() where account_id = a.id and ended_at is null;
    update account_token set used_at = clock_timestamp() where account_id = a.id and used_at is null;
end;
$$;

create or replace function account_second_factor_drop(p_account uuid) returns void language plpgsql as $$
begin
    delete from recovery_code where account_id = p_account;
    delete from second_factor where account_id = p_account;
    update session set ended_at = clock_timestamp() where account_id = p_account and ended_at is null;
    perform account_tell(p_account, null);
end;
$$;

-- Asks for a change that takes two people. The person is told at once, so that they can say that it is not theirs.
create or replace function change_ask(p_id uuid, p_account uuid, p_kind text, p_value text, p_indexes jsonb) returns reply
language plpgsql as $$
begin
    if exists (select from account_change where account_id = p_account and kind = p_kind and confirmed_at is null and ended_at is null) then
        return reply_fault(case p_kind when 'EMAIL' then '/email' else '' end, 'waits',
                           'Such a change waits for a second person already. It can be turned down first');
    end if;
    perform audit_append('CREATE', 'account change ' || p_id || ' ' || p_kind, null, false, jsonb_build_object('account', p_account));
    insert into account_change (id, account_id, kind, value, indexes, requested_by, audit_id)
    values (p_id, p_account, p_kind, p_value, p_indexes, actor(), 0);
    perform account_tell(p_account, null);
    return null;
end;
$$;

-- Changes name and email address. The indexes follow, and with them what the account may know of. p_change names the request
-- for a second person, if the address takes one; the name does not.
create or replace function account_change(p_account uuid, p_etag text, p_name text, p_email text, p_indexes jsonb, p_change uuid)
returns reply language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    v_of_email jsonb := jsonb_path_query_array(p_indexes, '$[*] ? (@.kind == "EMAIL")');
    v_moves boolean;
    v_refusal reply;
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
    v_moves := lower(p_email) <> a.email;
    if v_moves and account_sees_most(p_account) then
        v_refusal := change_ask(p_change, p_account, 'EMAIL', lower(p_email), v_of_email);
        if v_refusal.outcome is not null then
            return v_refusal;
        end if;
        v_moves := false;
    end if;
    perform audit_append('UPDATE', 'account ' || a.id, null, false,
        jsonb_build_object('name', p_name is distinct from a.name, 'email', v_moves));
    update account set name = p_name where id = p_account;
    perform account_index_set(p_account, jsonb_path_query_array(p_indexes, '$[*] ? (@.kind != "EMAIL")'));
    if v_moves then
        perform account_email_set(a, lower(p_email), v_of_email);
    end if;
    select * into a from account where id = p_account;
    return reply_of('ok', account_body(a), account_etag(a), '/accounts/' || a.id);
end;
$$;

-- Does what was asked, as the second person: neither who asked nor whose account it is.
create or replace function account_change_confirm(p_change uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    c account_change;
    v_refusal reply;
begin
    if not actor_may('GRANT_CONFIRM') then
        return account_refuse('account change');
    end if;
    select * into a from account where id = (select account_id from account_change where id = p_change) for no key update;
    select * into c from account_change where id = p_change for no key update;
    if not found then
        return reply_absent('account change');
    elsif c.confirmed_at is not null or c.ended_at is not null or a.ended_at is not null then
        return reply_of('conflict');
    end if;
    v_refusal := second_person_refused(c.requested_by, c.account_id);
    if v_refusal.outcome is not null then
        perform audit_append('DENY', 'account change ' || c.id || ' confirm', null, false);
        return v_refusal;
    elsif exists (select from account where email = c.value and id <> c.account_id) then
        return reply_fault('', 'taken', 'There is an account with this email address already');
    end if;
    perform audit_append('UPDATE', 'account change ' || c.id || ' confirm', null, false,
                         jsonb_build_object('account', c.account_id, 'kind', c.kind));
    update account_change set confirmed_by = actor(), confirmed_at = clock_timestamp() where id = p_change returning * into c;
    if c.kind = 'EMAIL' then
        perform account_email_set(a, c.value, c.indexes);
    else
        perform account_second_factor_drop(a.id);
    end if;
    return reply_of('ok', change_body(c)::text, null, '/grants');
end;
$$;

-- Turns down a change that waits; so may whoever asked for it.
create or replace function account_change_end(p_change uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    c account_change;
begin
    if not (actor_may('ACCOUNT_MANAGE') or actor_may('GRANT_CONFIRM')) then
        return account_refuse('account change');
    end if;
    select * into c from account_change where id = p_change for no key update;
    if not found then
        return reply_absent('account change');
    elsif c.confirmed_at is not null or c.ended_at is not null then
        return reply_of('conflict');
    end if;
    perform audit_append('UPDATE', 'account change ' || c.id || ' end', null, false, jsonb_build_object('account', c.account_id));
    update account_change set ended_by = actor(), ended_at = clock_timestamp() where id = p_change returning * into c;
    return reply_of('ok', change_body(c)::text, null,
                    case when actor_may('GRANT_CONFIRM') then '/grants' else '/accounts/' || c.account_id end);
end;
$$;

-- Takes the second factor away from somebody who lost it. They sign in again, and set up another if their role needs one;
-- where the role sees most, a second person confirms it first.
create or replace function account_second_factor_reset(p_account uuid, p_change uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    v_refusal reply;
begin
    if not actor_may('ACCOUNT_MANAGE') then
        return account_refuse('account');
    end if;
    select * into a from account where id = p_account for no key update;
    if not found then
        return reply_absent('account');
    elsif a.ended_at is not null then
        return reply_of('conflict');
    elsif a.id = actor() then
        return reply_fault('', 'not_yourself', 'Nobody takes away their own second factor. Ask another administrator');
    elsif account_sees_most(a.id) then
        v_refusal := change_ask(p_change, a.id, 'SECOND_FACTOR', null, '[]');
        if v_refusal.outcome is not null then
            return v_refusal;
        end if;
    else
        perform audit_append('UPDATE', 'account ' || a.id || ' second factor reset', null, false);
        perform account_second_factor_drop(a.id);
    end if;
    return reply_of('ok', account_body(a), account_etag(a), '/accounts/' || a.id);
end;
$$;

grant execute on function account_change(uuid, text, text, text, jsonb, uuid), account_change_confirm(uuid), account_change_end(uuid),
    account_second_factor_reset(uuid, uuid) to upstander_serve;
reset role;
