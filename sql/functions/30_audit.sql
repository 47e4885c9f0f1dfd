-- The only writer of the audit trail.
set role upstander_audit;

-- The canonical head of an entry: what the columns beside it say, in fixed order, one member a line.
create or replace function audit_entry_head(p_request uuid, p_at timestamptz, p_stream uuid, p_stream_n bigint, p_actor uuid,
    p_role text, p_organisation uuid, p_action text, p_object text, p_case uuid, p_case_n integer)
returns text language plpgsql immutable as $$
begin
    return 'upstander-event/1' || e'\nrequest ' || p_request
        || e'\nat ' || to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || e'\nstream ' || p_stream || ' ' || p_stream_n
        || e'\nactor ' || coalesce(p_actor::text, '-') || ' ' || p_role || ' ' || coalesce(p_organisation::text, '-')
        || e'\naction ' || p_action || e'\nobject ' || p_object
        || e'\ncase ' || coalesce(p_case::text, '-') || ' ' || coalesce(p_case_n::text, '-') || e'\n';
end;
$$;

-- Appends one event and lets versioned rows be written in this transaction (they are stamped with its id).
--   p_action   a code of list audit_action        p_object  '<type> <id>'
--   p_case     the incident, if there is one      p_chained a change of the case: takes the next place in its chain; the
--                                                 caller holds the case's row lock or has just made the case
--   p_detail   erasable particulars (terms, reasons); the entry holds only their salted commitment, and so with
--   p_content  the content that was written (sealed texts and codes)
create or replace function audit_append(p_action text, p_object text, p_case uuid, p_chained boolean,
                                        p_detail jsonb default null, p_content text default null,
                                        out event_id bigint, out leaf_hash bytea, out chain_n integer)
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_at timestamptz := clock_timestamp();
    v_stream uuid := nullif(current_setting('upstander.stream', true), '')::uuid;
    v_stream_n bigint := coalesce(nullif(current_setting('upstander.stream_n', true), ''), '0')::bigint + 1;
    v_stream_leaf text := coalesce(nullif(current_setting('upstander.stream_leaf', true), ''), '-');
    v_request uuid := nullif(current_setting('upstander.request', true), '')::uuid;
    v_actor uuid := nullif(current_setting('upstander.account', true), '')::uuid;
    v_role text := coalesce(nullif(current_setting('upstander.role', true), ''), 'NONE');
    v_organisation uuid := nullif(current_setting('upstander.organisation', true), '')::uuid;
    v_previous bytea;
    v_salt bytea := public.gen_random_bytes(32);
    v_detail jsonb := coalesce(p_detail, '{}') || jsonb_strip_nulls(jsonb_build_object(
        'address', nullif(current_setting('upstander.address', true), ''),
        'session', nullif(left(current_setting('upstander.session', true), 16), '')));
    v_tail bytea;
    v_set text[];
begin
    if v_request is null then
        raise exception 'an event without a request' using errcode = 'UP001';
    end if;
    if v_stream is null then
        v_stream := gen_random_uuid();
        v_stream_n := 1;
        v_stream_leaf := '-';
        v_set := array[set_config('upstander.stream', v_stream::text, false)];
    end if;
    if p_chained then
        select e.case_n + 1, e.leaf into chain_n, v_previous from audit_event e
         where e.case_id = p_case and e.case_n is not null order by e.case_n desc limit 1;
        chain_n := coalesce(chain_n, 1);
    end if;
    -- The head of the entry and its leaf are written by the table itself, from the columns (audit_event_check).
    v_tail := convert_to(
        'previous ' || v_stream_leaf || ' ' || coalesce(encode(v_previous, 'hex'), '-')
        || e'\ndetail ' || encode(sha256(v_salt || convert_to(v_detail::text, 'UTF8')), 'hex')
        || e'\ncontent ' || coalesce(encode(sha256(v_salt || convert_to(p_content, 'UTF8')), 'hex'), '-') || e'\n', 'UTF8');
    insert into audit_event (request_id, at, stream, stream_n, actor, role, organisation, action, object, case_id, case_n, entry)
    values (v_request, v_at, v_stream, v_stream_n, v_actor, v_role, v_organisation, p_action, p_object, p_case, chain_n, v_tail)
    returning id, leaf into event_id, leaf_hash;
    insert into audit_detail (event_id, salt, detail) values (audit_append.event_id, v_salt, v_detail);
    -- These are the connection's, not the transaction's, and roll back with it.
    v_set := array[set_config('upstander.stream_n', v_stream_n::text, false),
                   set_config('upstander.stream_leaf', encode(leaf_hash, 'hex'), false),
                   set_config('upstander.audit_id', event_id::text, true)];
end;
$$;

-- A change of a case is under way: its event was appended in this transaction by this request. The definer functions that open,
-- show, start or tell ask this first, so that whoever called them out of turn would have to say so in the case's own chain.
create or replace function audit_assert_change(p_case uuid) returns void
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    perform from audit_event e
      where e.id = nullif(current_setting('upstander.audit_id', true), '')::bigint and e.case_id = p_case
        and e.case_n is not null and e.xid = pg_current_xact_id();
    if not found then
        raise exception 'no change of this case is under way' using errcode = 'UP001';
    end if;
end;
$$;

-- An event is what its entry says. The table writes the head of a new entry from the columns beside it, and the leaf as its hash; one
-- that comes with its leaf, as from a backup, is compared with both. A trigger and not a CHECK constraint, whose expression would be
-- read anew for every row.
create or replace function audit_event_check() returns trigger language plpgsql as $$
declare
    v_head bytea := convert_to(audit_entry_head(new.request_id, new.at, new.stream, new.stream_n, new.actor, new.role, new.organisation,
                                                new.action, new.object, new.case_id, new.case_n), 'UTF8');
    v_given boolean := new.leaf is not null;
    v_refused text;
begin
    if not v_given then
        new.entry := v_head || new.entry;
        new.leaf := sha256('\x00'::bytea || new.entry);
    end if;
    v_refused := case
        when length(new.entry) > 65535 then 'audit_event_entry_check'
        when v_given and position(v_head in new.entry) <> 1 then 'audit_event_head'
        when v_given and new.leaf <> sha256('\x00'::bytea || new.entry) then 'audit_event_leaf'
        when new.action || new.role !~ '^[A-Z_]+$' or new.object ~ '[[:cntrl:]]'
             or length(new.action) not between 1 and 40 or length(new.role) not between 1 and 40 or length(new.object) > 400
             or new.stream_n < 1 or new.case_n is not null and new.case_id is null then 'audit_event_one_line' end;
    if v_refused is not null then
        raise exception 'an audit event that is not what its entry says' using errcode = 'UP001', constraint = v_refused;
    end if;
    return new;
end;
$$;
create or replace trigger audit_event_check before insert on audit_event for each row execute function audit_event_check();
alter table audit_event enable always trigger audit_event_check;
do $$
declare
    v_name text;
begin
    for v_name in select conname from pg_constraint where conrelid = 'audit_event'::regclass and contype = 'c' loop
        execute format('alter table audit_event drop constraint %I', v_name);
    end loop;
end;
$$;

revoke all on function audit_append(text, text, uuid, boolean, jsonb, text), audit_assert_change(uuid), audit_event_check(), audit_entry_head(uuid, timestamptz, uuid, bigint, uuid, text, uuid, text, text, uuid, integer) from public;
grant execute on function audit_append(text, text, uuid, boolean, jsonb, text) to upstander_serve, upstander_work, upstander_gate, upstander_owner;
grant execute on function audit_assert_change(uuid) to upstander_gate;
reset role;

set role upstander_owner;
-- No change without its event: stamps the row with the event appended in this transaction by this request.
create or replace function audit_stamp() returns trigger language plpgsql as $$
begin
    new.audit_id := nullif(current_setting('upstander.audit_id', true), '')::bigint;
    if new.audit_id is null then
        raise exception 'a change of % without its audit event', tg_table_name using errcode = 'UP001';
    end if;
    return new;
end;
$$;

create or replace function append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'UP002';
end;
$$;

do $$
declare
    t text;
begin
    foreach t in array array['role_grant', 'incident', 'case_access', 'case_exclusion', 'addition', 'referral', 'referral_event', 'clock'] loop
        execute format('drop trigger if exists %1$s_audit on %1$I', t);
        execute format('create trigger %1$s_audit before insert or update on %1$I for each row execute function audit_stamp()', t);
        execute format('alter table %1$I enable always trigger %1$s_audit', t);
    end loop;
    foreach t in array array['addition', 'referral_event', 'referral_code', 'threshold_decision', 'incident_code'] loop
        execute format('drop trigger if exists %1$s_append_only on %1$I', t);
        execute format('create trigger %1$s_append_only before update or delete on %1$I for each row execute function append_only()', t);
        execute format('alter table %1$I enable always trigger %1$s_append_only', t);
    end loop;
end;
$$;
reset role;
