-- What the tests share: pgTAP, a clock that they set, and the ways to act as somebody and to file a report.
create schema tap;
create extension pgtap schema tap;
create extension dblink schema tap;
create extension plpgsql_check schema tap;
grant usage on schema tap to public;
grant execute on all functions in schema tap to public;

create schema test;
grant usage on schema test to public;

-- The time, before upstander's own in the search path. Empty: the time it is.
create function test.upstander_now() returns timestamptz language plpgsql volatile as $$
begin
    return coalesce(nullif(current_setting('test.now', true), '')::timestamptz, clock_timestamp());
end;
$$;

create function test.account(p_name text) returns uuid language plpgsql immutable as $$
begin
    return md5('account ' || p_name)::uuid;
end;
$$;

create function test.organisation(p_slug text) returns uuid language plpgsql immutable as $$
begin
    return md5('organisation ' || p_slug)::uuid;
end;
$$;

create function test.unit(p_slug text, p_capability text) returns uuid language plpgsql immutable as $$
begin
    return md5('unit ' || p_slug || ' ' || p_capability)::uuid;
end;
$$;

create function test.session(p_name text) returns text language plpgsql immutable as $$
begin
    return encode(sha256(convert_to(p_name, 'UTF8')), 'hex');
end;
$$;

-- Begins a request of the named account. Returns the verdict.
create function test.sign_in(p_name text, p_permission text default null) returns text language plpgsql as $$
begin
    return (select verdict from upstander.access_context(test.session(p_name), p_permission, gen_random_uuid()::text,
                                                         '/test', '127.0.0.1', false, false));
end;
$$;

-- Identifiers in the order in which they were made, like the server's.
create sequence test.made;
grant usage on sequence test.made to public;
create function test.new_id() returns uuid language plpgsql as $$
begin
    return ('01900000-0000-7000-8000-' || lpad(to_hex(nextval('test.made')), 12, '0'))::uuid;
end;
$$;

-- A person of a report: what every one of them has, and the members given.
create function test.person(p_role text, p_members jsonb default '{}') returns jsonb language plpgsql as $$
begin
    return jsonb_build_object('id', test.new_id(), 'role', p_role, 'sealed', 's1.person', 'ethnicity_list', 'missingness',
                              'ethnicity', 'NOT_ASKED', 'works_with_children', 'NO') || p_members;
end;
$$;

-- The facts of a report as the server hands them on: a child of Harbourside harmed by somebody who works there with
-- children, and the members given.
create function test.facts(p_members jsonb default '{}') returns jsonb language plpgsql as $$
begin
    return jsonb_build_object(
        'kind', 'INCIDENT', 'organisation', 'example-school', 'occurred_in', 'X12', 'setting', 'SECONDARY',
        'occurred_on', '2026-01-15', 'occurred_precision', 'EXACT', 'harm', 'HAPPENED', 'suspected_offence', 'NO',
        'immediate_danger', false, 'account_sealed', 's1.account', 'safety_sealed', 's1.safety', 'wrapped', 'k1.wrapped',
        'strands', jsonb_build_array('ANTI_BLACK'), 'levels', '[]'::jsonb, 'forms', jsonb_build_array('VERBAL_ABUSE'),
        'perceived_by', jsonb_build_array('VICTIM'),
        'people', jsonb_build_array(
            test.person('TARGET_CHILD', '{"home_authority": "X12", "age": 12}'),
            test.person('ALLEGED_PERPETRATOR_STAFF', '{"works_with_children": "YES", "workplace_authority": "X12"}')),
        'spare', (select jsonb_agg(jsonb_build_object('id', id, 'reference', 'RE-' || right(id::text, 6)))
                    from (select test.new_id() as id from generate_series(1, 6)) s)) || p_members;
end;
$$;

-- Files a report for whoever has signed in.
create function test.file(p_members jsonb default '{}', p_key text default null, p_hash text default repeat('a', 64))
returns upstander.reply language plpgsql as $$
declare
    v_id uuid := test.new_id();
begin
    return upstander.incident_file(v_id, 'UP-' || right(v_id::text, 6), p_key, p_hash, test.facts(p_members)::text);
end;
$$;

-- Signs in, files and gives the report's reference.
create function test.filed(p_name text, p_members jsonb default '{}') returns text language plpgsql as $$
declare
    v_reply upstander.reply;
begin
    perform test.sign_in(p_name, 'INCIDENT_CREATE');
    v_reply := test.file(p_members);
    if v_reply.outcome <> 'created' then
        raise exception 'not filed: %', v_reply;
    end if;
    return v_reply.body::json ->> 'reference';
end;
$$;

-- Signs in and takes a step with the ETag that stands.
create function test.step(p_name text, p_referral text, p_transition text, p_codes jsonb default '[]', p_data jsonb default '{}',
                          p_happened timestamptz default null) returns upstander.reply language plpgsql as $$
declare
    v_etag text;
begin
    perform test.sign_in(p_name, 'REFERRAL_TAKE');
    select upstander.etag_of(n) into v_etag from upstander.referral where reference = p_referral;
    perform test.sign_in(p_name, 'REFERRAL_TAKE');
    return upstander.referral_take(p_referral, p_transition, coalesce(v_etag, '0'), p_happened, p_data, p_codes,
                                   test.new_id(), 's1.texts');
end;
$$;
-- The reference of a report's referral on a pathway. Sees every referral, as a test may.
create function test.referral(p_incident text, p_pathway text, p_area text default null) returns text
language plpgsql security definer set search_path = upstander, pg_catalog as $$
begin
    return (select f.reference from referral f join incident i on i.id = f.incident_id
             where i.reference = p_incident and f.pathway = p_pathway and (p_area is null or f.area = p_area));
end;
$$;

-- A second connection, as the role that the server has.
create function test.connect(p_name text) returns text language plpgsql as $$
begin
    perform tap.dblink_connect(p_name, format('host=%s dbname=%s user=upstander_serve options=''-c search_path=test,upstander,tap,pg_catalog''',
                                              split_part(current_setting('unix_socket_directories'), ',', 1), current_database()));
    return null;
end;
$$;

-- What becomes of a statement: 'done', or the SQLSTATE by which it is refused.
create function test.change(p_statement text) returns text language plpgsql as $$
begin
    execute p_statement;
    return 'done';
exception when others then
    return sqlstate;
end;
$$;
grant execute on all functions in schema test to public;
