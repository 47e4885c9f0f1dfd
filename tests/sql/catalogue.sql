-- What the catalogue says of the schema: who owns, who may, what is forced, and that every function is sound.
select no_plan();

select is(string_agg(relname, ', '), null, 'row level security is enabled and forced on every table') from pg_class
 where relnamespace = 'upstander'::regnamespace and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity);
select cmp_ok(count(*), '>=', 40::bigint, 'of which there are some') from pg_class where relnamespace = 'upstander'::regnamespace and relkind in ('r', 'p');
select is(string_agg(relname, ', '), null, 'every table and view says what it is for') from pg_class c
 where relnamespace = 'upstander'::regnamespace and relkind in ('r', 'p', 'v', 'm') and obj_description(oid, 'pg_class') is null;
select is(string_agg(relname, ', '), null, 'every view runs as its caller') from pg_class c
 where relnamespace = 'upstander'::regnamespace and relkind in ('v', 'm') and not coalesce(reloptions @> array['security_invoker=true'], false);

-- The runtime roles.
select is(format('%s %s %s %s %s %s', rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit), 'f f f f f f',
          format('%s has no attribute that lifts it over the rules', rolname))
  from pg_roles where rolname ~ '^upstander_';
select is(string_agg(m.roleid::regrole::text, ', '), null, 'no role of upstander is a member of another') from pg_auth_members m join pg_roles r on r.oid = m.member
 where r.rolname ~ '^upstander_';
select is((select string_agg(d.classid::regclass || ' ' || d.objid, ', ') from pg_shdepend d
            where d.refclassid = 'pg_authid'::regclass and d.refobjid = role::regrole and d.deptype = 'o'), null, format('%s owns nothing', role))
  from unnest(array['upstander_serve', 'upstander_work']) role;
select ok(not has_database_privilege(role, current_database(), 'temp') and not has_database_privilege(role, current_database(), 'create')
          and not exists (select from pg_namespace where has_schema_privilege(role, oid, 'create')), format('%s can make no object anywhere', role))
  from unnest(array['upstander_serve', 'upstander_work']) role;
select is(string_agg(distinct role || ' ' || privilege || ' ' || t, ', '), null, 'no runtime role may change the audit trail but through audit_append')
  from unnest(array['upstander_serve', 'upstander_work', 'upstander_gate', 'upstander_owner']) role, unnest(array['insert', 'update', 'delete', 'truncate', 'trigger']) privilege,
       unnest(array['audit_event', 'audit_detail']) t
 where has_table_privilege(role, 'upstander.' || t, privilege) or privilege in ('insert', 'update') and has_any_column_privilege(role, 'upstander.' || t, privilege);
select is(string_agg(role || ' ' || attname, ', '), null, 'nor read what may be erased, nor the hashed bytes')
  from unnest(array['upstander_serve', 'upstander_work', 'upstander_gate', 'upstander_owner']) role, pg_attribute
 where attnum > 0 and (attrelid = 'upstander.audit_detail'::regclass or attrelid = 'upstander.audit_event'::regclass and attname in ('entry', 'xid', 'stream', 'stream_n'))
   and has_column_privilege(role, attrelid, attname, 'select');

-- Functions.
select is(string_agg(p.oid::regprocedure::text, ', '), null, 'PUBLIC may execute no function') from pg_proc p
 where pronamespace = 'upstander'::regnamespace and has_function_privilege('public', p.oid, 'execute');
create table test.definer (function text, owner text, reason text);
\copy test.definer from 'definer.tsv' with (header)
set search_path = tap, pg_catalog; -- so that names are written with their schema
select is((select string_agg(p.oid::regprocedure || ' of ' || p.proowner::regrole, e'\n' order by p.oid::regprocedure::text) from pg_proc p
                where p.pronamespace = 'upstander'::regnamespace and p.prosecdef
                  and not exists (select from test.definer d where d.function = p.oid::regprocedure::text and d.owner = p.proowner::regrole::text)), null,
              'every SECURITY DEFINER function is in the list, with its owner');
select is((select string_agg(d.function, e'\n') from test.definer d
                where not exists (select from pg_proc p where p.oid = to_regprocedure(d.function) and p.prosecdef)), null, 'and nothing else is');
select is((select string_agg(function, ', ') from test.definer where length(reason) < 20), null, 'each for a reason');
reset search_path;
select is(string_agg(p.oid::regprocedure::text, ', '), null, 'every SECURITY DEFINER function has a search path of its own, with pg_temp last') from pg_proc p
 where pronamespace = 'upstander'::regnamespace and prosecdef and not coalesce(proconfig @> array['search_path=upstander, pg_catalog, pg_temp'], false);
select is(string_agg(p.oid::regprocedure::text, ', '), null, 'and belongs to the gate or to the audit trail, never to the owner or a superuser') from pg_proc p
 where pronamespace = 'upstander'::regnamespace and prosecdef and proowner not in ('upstander_gate'::regrole, 'upstander_audit'::regrole);
select is(string_agg(p.oid::regprocedure::text, ', '), null, 'no IMMUTABLE function reads a setting, the session, a clock, a table or chance') from pg_proc p
 where pronamespace = 'upstander'::regnamespace and provolatile = 'i'
   and (prosrc ~* '\m(current_setting|set_config|now|clock_timestamp|statement_timestamp|transaction_timestamp|current_date|current_time|current_timestamp|localtime|localtimestamp|current_user|session_user|random|gen_random_uuid|gen_random_bytes|txid_current|pg_current_xact_id)\M'
        or regexp_replace(prosrc, 'extract\([a-z]+ from', '', 'gi') ~* '\mfrom\M');
select is(string_agg(f.oid::regprocedure || ' calls ' || g.proname, ', '), null, 'nor calls one that may') from pg_proc f, pg_proc g
 where f.pronamespace = 'upstander'::regnamespace and f.provolatile = 'i' and g.pronamespace = 'upstander'::regnamespace and g.provolatile <> 'i'
   and f.prosrc ~ ('\m' || g.proname || '\(');
select is(string_agg(p.oid::regprocedure::text, ', '), null, 'a LANGUAGE sql function is a scalar that the planner can inline, never a representation')
  from pg_proc p join pg_language l on l.oid = p.prolang
 where pronamespace = 'upstander'::regnamespace and lanname = 'sql'
   and (proretset or prosecdef or proconfig is not null or regexp_replace(prosrc, 'extract\([a-z]+ from', '', 'gi') ~* '\m(from|with)\M');
select is(string_agg(p.oid::regprocedure::text, ', '), null, 'functions are written in plpgsql or sql') from pg_proc p join pg_language l on l.oid = p.prolang
 where pronamespace = 'upstander'::regnamespace and lanname not in ('plpgsql', 'sql');

-- Triggers that hold whatever a session says of replication.
select is(string_agg(c.relname, ', '), null, 'every table with an audit_id has it stamped, always') from pg_class c join pg_attribute a on a.attrelid = c.oid
 where c.relnamespace = 'upstander'::regnamespace and c.relkind = 'r' and a.attname = 'audit_id' and not a.attisdropped
   and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'upstander.audit_stamp'::regproc and t.tgenabled = 'A' and t.tgtype & 22 = 22);
select is(string_agg(tgname, ', '), null, 'what refuses a change does so in every session') from pg_trigger
 where tgfoid in ('upstander.audit_refuse_change'::regproc, 'upstander.append_only'::regproc) and tgenabled <> 'A';

-- plpgsql_check on every function; for a trigger, on each of its tables.
create table test.checked (function text, message text, reason text);
\copy test.checked from 'data/plpgsql-check.tsv' with (header)
create table test.finding as
    select p.proname as function, c.*
      from pg_proc p join pg_language l on l.oid = p.prolang left join pg_trigger t on t.tgfoid = p.oid
     cross join lateral plpgsql_check_function_tb(p.oid, coalesce(t.tgrelid, 0), fatal_errors => false, other_warnings => true, performance_warnings => false,
                                                  extra_warnings => true, security_warnings => true) c
     where p.pronamespace = 'upstander'::regnamespace and lanname = 'plpgsql' and (p.prorettype <> 'trigger'::regtype or t.oid is not null);
select is(string_agg(format('%s:%s %s: %s', function, lineno, level, message), e'\n'), null, 'plpgsql_check finds nothing that is not in the list') from test.finding f
 where not exists (select from test.checked c where c.function = f.function and f.message ~ c.message);
select is(string_agg(function || ' ' || message, e'\n'), null, 'and what is in the list is still found') from test.checked c
 where not exists (select from test.finding f where f.function = c.function and f.message ~ c.message);
select cmp_ok(count(*), '>=', 100::bigint, 'every function was looked at') from pg_proc p join pg_language l on l.oid = p.prolang
 where p.pronamespace = 'upstander'::regnamespace and lanname = 'plpgsql';
select * from finish();
