-- Who is asking. The context statement sets these transaction-locally; policies and functions read them.
set role upstander_owner;

create or replace function actor() returns uuid language sql stable as $$
    select nullif(current_setting('upstander.account', true), '')::uuid
$$;

create or replace function actor_units() returns uuid[] language sql stable as $$
    select coalesce(nullif(current_setting('upstander.units', true), ''), '{}')::uuid[]
$$;

create or replace function actor_may(p_permission text) returns boolean language sql stable as $$
    select strpos(coalesce(current_setting('upstander.permissions', true), ''), ',' || p_permission || ',') > 0
$$;

-- For who has just read or written the case's own row, under its policy: the policies of what belongs to
-- it (sql/access) do not ask the same again. Until the next context. True.
create or replace function case_remember(p_incident uuid) returns boolean language plpgsql stable as $$
begin
    return set_config('upstander.seen_case', p_incident::text, true) is not null;
end;
$$;

-- For who has just read the referral's own row, under its policy, and did not send the report. True.
create or replace function referral_remember(p_referral uuid) returns boolean language plpgsql stable as $$
begin
    return set_config('upstander.seen_referral', p_referral::text, true) is not null;
end;
$$;

-- The answer of every statement: docs/architecture.md, "Statements".
do $$
begin
    if to_regtype('upstander.reply') is null then
        create type upstander.reply as (outcome text, body text, etag text, location text);
    end if;
end;
$$;

create or replace function reply_of(p_outcome text, p_body text default null, p_etag text default null, p_location text default null)
returns reply language sql immutable as $$
    select row (p_outcome, p_body, p_etag, p_location)::reply
$$;

-- A refusal for input: one fault.
create or replace function reply_fault(p_field text, p_code text, p_message text) returns reply language sql immutable as $$
    select row ('invalid', json_build_object('errors', json_build_array(
        json_build_object('field', p_field, 'code', p_code, 'message', p_message)))::text, null, null)::reply
$$;

-- What C opens on the way out (include/crypto/seal.h).
create or replace function envelope(p_table text, p_column text, p_row uuid, p_owner uuid, p_wrapped text, p_sealed text)
returns text language sql immutable as $$
    select p_table || '.' || p_column || '.' || p_row::text || '.' || p_owner::text || '.' || p_wrapped || '.' || p_sealed
$$;

-- A JSON object with more members, which are JSON already ('"name" : value, ...'). Cut as bytes, because the characters of a long
-- text would have to be counted first. What is read by every request makes its objects of texts by json_object and adds the rest
-- so: json_build_object asks the catalogue for the type of each argument, and costs five times as much.
create or replace function json_with(p_object text, p_more text) returns text language sql stable as $$
    select '{' || p_more || ', ' || convert_from(substr(convert_to(p_object, 'UTF8'), 2), 'UTF8')
$$;

-- An envelope as a member. It holds nothing that JSON escapes, and looking for that would cost more than the rest of the object.
create or replace function json_sealed(p_envelope text) returns text language sql immutable as $$
    select '"$sealed" : ' || coalesce('"' || p_envelope || '"', 'null')
$$;

create or replace function json_list(p_items text[]) returns text language sql stable as $$
    select '[' || array_to_string(p_items, ', ') || ']'
$$;

-- An instant as the API writes it: RFC 3339 to the second, with the offset of the session's time zone, which is London's.
create or replace function instant(p_at timestamptz) returns text language sql stable as $$
    select to_char(p_at, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')
$$;

-- Writes what roles may beside them, as the context statement reads it.
create or replace function role_permissions_keep() returns trigger language plpgsql as $$
begin
    update role r set permissions = coalesce((select string_agg(p.permission || ',', '' order by p.permission) from role_permission p
                                               where p.role = r.role), '');
    return null;
end;
$$;
create or replace trigger role_permission_keep after insert or update or delete or truncate on role_permission
    for each statement execute function role_permissions_keep();

-- Whether a grant is in force.
create or replace function grant_counts(p_grant role_grant) returns boolean language sql stable as $$
    select p_grant.confirmed_at is not null and p_grant.ended_at is null
       and (p_grant.until is null or p_grant.until > statement_timestamp())
$$;

reset role;
