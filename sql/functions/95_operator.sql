-- What the operator does at the server's own command line (`upstander admin`), as superuser: nobody else may execute these.
-- Each leaves its event, without an actor, since the command line does not know who sits there.
set role upstander_owner;

create or replace function operator_begin() returns void language plpgsql as $$
begin
    perform set_config('upstander.request', gen_random_uuid()::text, true), set_config('upstander.role', 'OPERATOR', true);
end;
$$;

-- The site's settings, one a line.
create or replace function operator_site_list() returns text language plpgsql stable as $$
begin
    return (select string_agg(format('%-20s %-10s %s', s.key, s.value, s.about), e'\n' order by s.key) from site s);
end;
$$;

-- Sets one of the site's settings. NULL when it was set; otherwise why not.
create or replace function operator_site_set(p_key text, p_value text) returns text language plpgsql as $$
declare
    v_rule record;
begin
    select * into v_rule from (values
        ('second_factor', '^(required|optional)$', 'required or optional'),
        ('idle_minutes', '^([5-9]|[1-9][0-9]|1[0-9][0-9]|2[0-3][0-9]|240)$', 'a number of minutes from 5 to 240'),
        ('due_time', '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$', 'a time such as 17:00:00'),
        ('receipt_convention', '^[AB]$', 'A or B'),
        ('retention_agreed', '^(yes|no)$', 'yes or no')) x(key, pattern, words) where x.key = p_key;
    if not found then
        return format('%s is not a setting that can be set here; upstander admin site lists them', p_key);
    elsif p_value !~ v_rule.pattern then
        return format('%s must be %s', p_key, v_rule.words);
    end if;
    perform operator_begin();
    perform audit_append('UPDATE', 'site ' || p_key, null, false, jsonb_build_object('value', p_value));
    update site set value = p_value where key = p_key;
    return null;
end;
$$;

-- Makes an account with one role that counts at once, and an invitation to it. The organisation `partnership` is made if it
-- is not there yet, so that an empty database can have its first administrator. NULL when it was made; otherwise why not.
create or replace function operator_account_create(p_account uuid, p_grant uuid, p_organisation_id uuid, p_email text, p_name text,
                                                   p_role text, p_organisation text, p_token text) returns text
language plpgsql as $$
declare
    v_organisation uuid;
begin
    if not exists (select from role where role = p_role) then
        return format('there is no role %s; the roles are %s', p_role, (select string_agg(role, ', ' order by sort) from role));
    elsif exists (select from account where email = lower(p_email)) then
        return format('there is an account %s already', lower(p_email));
    elsif p_role = 'SYSADMIN' and (select count(distinct g.account_id) from role_grant g join account a on a.id = g.account_id
                                    where g.role = 'SYSADMIN' and grant_counts(g) and a.ended_at is null) >= 2 then
        return 'there are two administrators already; they invite others at /accounts, where a second person confirms the role';
    end if;
    perform operator_begin();
    select id into v_organisation from organisation where slug = p_organisation;
    if not found and p_organisation = 'partnership' then
        v_organisation := p_organisation_id;
        perform audit_append('CREATE', 'organisation ' || v_organisation, null, false);
        insert into organisation (id, slug, name, kind) values (v_organisation, 'partnership', 'The partnership', 'OTHER');
    elsif not found then
        return format('there is no organisation %s', p_organisation);
    end if;
    perform audit_append('CREATE', 'account ' || p_account, null, false);
    insert into account (id, email, name) values (p_account, lower(p_email), p_name);
    perform audit_append('CREATE', 'grant ' || p_grant || ' ' || p_role, null, false,
                         jsonb_build_object('account', p_account, 'organisation', v_organisation, 'confirmed', true));
    insert into role_grant (id, account_id, role, organisation_id, confirmed_at, audit_id)
    values (p_grant, p_account, p_role, v_organisation, clock_timestamp(), 0);
    insert into account_token (hash, account_id, purpose, expires_at)
    values (p_token, p_account, 'INVITATION', clock_timestamp() + interval '72 hours');
    return null;
exception
    when check_violation then
        return 'the email address or the name cannot be right';
end;
$$;

revoke all on function operator_begin(), operator_site_list(), operator_site_set(text, text),
    operator_account_create(uuid, uuid, uuid, text, text, text, text, text) from public;
reset role;
