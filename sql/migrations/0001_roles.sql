-- The roles, the schema and what a new object allows by default.
--
-- upstander_owner   owns every table, view and invoker function; nobody signs in as it
-- upstander_gate    owns the definer functions that must see what the actor may not: the context, sign-in, case opening
-- upstander_audit   owns the audit trail and its only writer, audit_append
-- upstander_serve   the server's runtime role: owns nothing, row level security applies
-- upstander_work    the worker's runtime role: owns nothing

do $$
declare
    r text;
begin
    foreach r in array array['upstander_owner', 'upstander_gate', 'upstander_audit'] loop
        if not exists (select from pg_roles where rolname = r) then
            execute format('create role %I nologin noinherit', r);
        end if;
    end loop;
    foreach r in array array['upstander_serve', 'upstander_work'] loop
        if not exists (select from pg_roles where rolname = r) then
            execute format('create role %I login noinherit', r);
        end if;
    end loop;
    execute format('revoke temporary, create on database %I from public', current_database());
    execute format('alter database %I set search_path = upstander, pg_catalog', current_database());
    execute format('alter database %I set timezone = ''Europe/London''', current_database());
end;
$$;

create extension if not exists pgcrypto with schema public;

create schema if not exists upstander authorization upstander_owner;
grant usage on schema upstander to upstander_gate, upstander_audit, upstander_serve, upstander_work;
grant create on schema upstander to upstander_gate, upstander_audit;

alter default privileges revoke execute on functions from public;
alter default privileges for role upstander_owner revoke execute on functions from public;
alter default privileges for role upstander_gate revoke execute on functions from public;
alter default privileges for role upstander_audit revoke execute on functions from public;
