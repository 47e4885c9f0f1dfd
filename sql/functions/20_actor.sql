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

-- Two JSON objects as one. Cut as bytes, because characters of a long text would have to be counted first.
create or replace function objects_joined(p_first json, p_second json) returns text language plpgsql stable as $$
declare
    v_first bytea := convert_to(p_first::text, 'UTF8');
begin
    return convert_from(substring(v_first for length(v_first) - 1) || ', '::bytea || substring(convert_to(p_second::text, 'UTF8') from 2), 'UTF8');
end;
$$;

-- An instant as the API writes it: RFC 3339 with London's offset, to the second. London is on UTC or an hour ahead of it.
create or replace function instant(p_at timestamptz) returns text language sql stable as $$
    select to_char(p_at at time zone 'Europe/London', 'YYYY-MM-DD"T"HH24:MI:SS')
        || case when p_at at time zone 'Europe/London' = p_at at time zone 'UTC' then '+00:00' else '+01:00' end
$$;
-- Whether a grant is in force.
create or replace function grant_counts(p_grant role_grant) returns boolean language sql stable as $$
    select p_grant.confirmed_at is not null and p_grant.ended_at is null
       and (p_grant.until is null or p_grant.until > statement_timestamp())
$$;

reset role;
