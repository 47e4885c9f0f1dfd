-- Roles: giving, confirming, ending. One that sees most takes two people, and an organisation that reports keeps two leads.
set role upstander_gate;

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
-- a second person has confirmed it for somebody who has taken up the account, unless it was given on the server's own command
-- line. Before that, whoever has the invitation would take up the role with it.
create or replace function role_grant_complete() returns trigger
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    new.unit_id := unit_of(new.organisation_id, new.role);
    if new.confirmed_at is not null and new.confirmed_by is null and new.requested_by is not null
       and (select sees_most from role where role = new.role) then
        raise exception 'this role needs a second person' using errcode = '23514', constraint = 'role_grant_two_people',
              table = 'role_grant', schema = 'upstander';
    elsif new.confirmed_by is not null and (tg_op = 'INSERT' or old.confirmed_by is null)
          and (select sees_most from role where role = new.role) and (select password is null from account where id = new.account_id) then
        raise exception 'nobody has taken up this account' using errcode = '23514', constraint = 'role_grant_taken_up',
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

create or replace function grant_body(g role_grant) returns json language plpgsql stable as $$
declare
    v_waits boolean := g.confirmed_at is null and g.ended_at is null;
    v_taken_up boolean := (select password is not null from account where id = g.account_id);
begin
    return (select json_strip_nulls(json_build_object('id', g.id, 'role', g.role, 'label', r.label, 'organisation', o.slug,
                'organisation_name', o.name, 'area', o.area, 'alternate', g.alternate, 'sees_most', r.sees_most,
                'requested_at', instant(g.requested_at), 'requested_by', (select name from account where id = g.requested_by),
                'confirmed_at', instant(g.confirmed_at), 'confirmed_by', (select name from account where id = g.confirmed_by),
                'until', instant(g.until), 'ended_at', instant(g.ended_at), 'in_force', grant_counts(g),
                'waits', v_waits, 'taken_up', v_taken_up,
                'can', json_build_object('end', g.ended_at is null and g.account_id <> actor()
                                                   and (actor_may('ACCOUNT_MANAGE') or v_waits and actor_may('GRANT_CONFIRM')),
                    'confirm', v_waits and v_taken_up and actor_may('GRANT_CONFIRM')
                               and g.account_id <> actor() and g.requested_by is distinct from actor())))
              from role r, organisation o where r.role = g.role and o.id = g.organisation_id);
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
    if v_sees_most then
        insert into grant_code (grant_id, code)
        values (p_id, lpad((('x' || encode(public.gen_random_bytes(4), 'hex'))::bit(32)::bigint % 1000000)::text, 6, '0'));
    end if;
    return null;
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
    -- Beside the account's end: whichever comes second finds what the first did.
    select * into a from account where id = p_account for no key update;
    if not found then
        return reply_absent('account');
    elsif a.ended_at is not null then
        return reply_of('conflict');
    end if;
    select * into v_idempotency from idempotency_check(p_key, p_hash, null, null);
    if v_idempotency.outcome in ('in_progress', 'mismatch') then
        return reply_idempotency(v_idempotency.outcome);
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

-- The roles that wait for a second person, and the changes of accounts that do.
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
         where g.confirmed_at is null and g.ended_at is null),
        'changes', (select coalesce(json_agg((change_body(c)::jsonb || jsonb_build_object('name', a.name, 'email', a.email))
                                             order by c.requested_at), '[]')
          from account_change c join account a on a.id = c.account_id
         where c.confirmed_at is null and c.ended_at is null))::text);
end;
$$;

-- Why the actor cannot be the second person, if they cannot: they asked for it, or it is about their own account.
create or replace function second_person_refused(p_requested_by uuid, p_account uuid) returns reply language plpgsql stable as $$
begin
    return case when p_requested_by = actor() then reply_fault('', 'same_person', 'This must be confirmed by somebody other than who asked for it')
                when p_account = actor() then reply_fault('', 'not_to_yourself', 'Nobody confirms a role or a change of their own account') end;
end;
$$;

-- Confirms a role as the second person. The code is shown to nobody but the account itself: who confirms was told it by the
-- person, who thus holds the account, and not by whoever had the invitation, or the address, in their stead.
create or replace function grant_confirm(p_grant uuid, p_code text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    g role_grant;
    v_refusal reply;
    v_tries text := 'grant:' || p_grant;
begin
    if not actor_may('GRANT_CONFIRM') then
        return account_refuse('grant');
    end if;
    select * into g from role_grant where id = p_grant for no key update;
    if not found then
        return reply_absent('grant');
    elsif g.confirmed_at is not null or g.ended_at is not null then
        return reply_of('conflict');
    end if;
    v_refusal := second_person_refused(g.requested_by, g.account_id);
    if v_refusal.outcome is null and (select count(*) from sign_in_failure
                                       where bucket = v_tries and at > clock_timestamp() - interval '1 hour') >= 5 then
        v_refusal := reply_fault('/code', 'too_many', 'Too many wrong codes. Wait an hour, or turn the role down');
    elsif v_refusal.outcome is null and exists (select from account where id = g.account_id and password is null) then
        v_refusal := reply_fault('', 'not_taken_up', 'This person has not taken up their account yet. Confirm the role once they have told '
            'you the code that they see in it');
    elsif v_refusal.outcome is null
          and not exists (select from grant_code where grant_id = g.id and code = regexp_replace(p_code, '[^0-9]', '', 'g')) then
        insert into sign_in_failure (bucket) values (v_tries);
        v_refusal := reply_fault('/code', 'wrong_code', 'This is not the code that this person sees. Ask them yourself; if they cannot see '
            'one, somebody else may have their account: turn the role down');
    end if;
    if v_refusal.outcome is not null then
        perform audit_append('DENY', 'grant ' || g.id || ' confirm', null, false);
        return v_refusal;
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

grant execute on function grant_add(uuid, text, text, uuid, text, text, boolean, date), grant_waiting(), grant_confirm(uuid, text),
    grant_end(uuid), grant_alternate(uuid, boolean) to upstander_serve;
reset role;
