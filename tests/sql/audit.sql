-- The audit trail: no change without its event, nothing taken back, and rows that prove themselves.
select no_plan();

-- A case with everything, whose contents are words to be looked for.
begin;
set local role upstander_serve;
select test.filed('practitioner', jsonb_build_object('account_sealed', 's1.canary', 'people', jsonb_build_array(
    test.person('TARGET_CHILD', '{"sealed": "s1.canary", "home_authority": "X12", "name_index": "canary"}'),
    test.person('ALLEGED_PERPETRATOR_STAFF', '{"works_with_children": "YES", "workplace_authority": "X12"}')))) as incident \gset
select test.referral(:'incident', 'LADO') as referral \gset
select test.step('lead', :'referral', 'confirm') \g /dev/null
select test.step('lado', :'referral', 'threshold_met', '[{"field": "criteria", "list": "lado_criterion", "code": "HARMED"}]') \g /dev/null
select test.sign_in('practitioner', 'INCIDENT_ADD') \g /dev/null
select incident_add(test.new_id(), :'incident', 'key', repeat('a', 64), 's1.canary') \g /dev/null
select test.sign_in('lado') \g /dev/null
select incident_get(:'incident'), referral_get(:'referral'), incident_chronology(:'incident') \g /dev/null
select test.sign_in('lado') \g /dev/null
select incident_get('UP-ABSENT'), referral_take(:'referral', 'canary', '2', null, '{}', '[]', null, null),
       incident_list('CLOSED', null, null, null, null, '2020-02-20', null, null, 50) \g /dev/null
select test.sign_in('lead', 'AUDIT_READ'), test.sign_in('nobody') \g /dev/null
commit;
insert into case_exclusion (incident_id, account_id, ground, audit_id)
select id, test.account('admin'), 'IDENTITY', 0 from incident, (select set_config('upstander.request', gen_random_uuid()::text, true),
       audit_append('UPDATE', 'test', null, false) offset 0) x where reference = :'incident';
insert into account_change (id, account_id, kind, requested_by, audit_id)
select gen_random_uuid(), test.account('lead'), 'SECOND_FACTOR', test.account('admin'), 0
  from (select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('UPDATE', 'test', null, false) offset 0) x;
select id as incident_id from incident where reference = :'incident' \gset

select is(string_agg(action || ' ' || n, ', ' order by action), 'CREATE 1, DENY 1, UPDATE 3, VIEW 3', 'changes, readings and a refused step are events of the case')
  from (select action, count(*) as n from audit_event where case_id = :'incident_id' group by action) x;
select is(count(*), 4::bigint, 'refusals of routes, of absent things and of unknown people are events')
  from audit_event e join audit_detail d on d.event_id = e.id where action = 'DENY' and (case_id is null and object in ('incident', 'route /test') or case_id = :'incident_id');

-- No change without its event.
create view test.versioned as
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'upstander'::regnamespace and c.relkind = 'r' and a.attname = 'audit_id' and not a.attisdropped;
select cmp_ok(count(*), '>=', 8::bigint, 'there are versioned tables') from test.versioned;
select is(test.change(format('insert into upstander.%I default values', name)), 'UP001', format('no row is added to %s without an event', name)) from test.versioned;
select is(test.change(format('update upstander.%I set audit_id = 1', name)), case when name in ('addition', 'referral_event') then 'UP002' else 'UP001' end,
          format('no row of %s is changed without an event, whatever audit_id is given', name))
  from test.versioned order by name;
begin;
select set_config('upstander.request', gen_random_uuid()::text, true), audit_append('UPDATE', 'test', null, false) \g /dev/null
select is(test.change('update upstander.incident set legal_hold = legal_hold'), 'done', 'with an event of this request a row may change');
select is((select audit_id from incident where reference = :'incident'), (select max(id) from audit_event), 'and carries that event');
select test.sign_in('lado') \g /dev/null
select is(test.change('update upstander.incident set legal_hold = legal_hold'), 'UP001', 'the next request cannot use it, though the transaction is the same');
select access_context_anyone(gen_random_uuid()::text, null) \g /dev/null
select is(test.change('update upstander.incident set legal_hold = legal_hold'), 'UP001', 'nor can the request of nobody');
rollback;
begin;
select is(test.change('update upstander.incident set legal_hold = legal_hold'), 'UP001', 'nor the next transaction');
select is(test.change($$ select upstander.audit_append('UPDATE', 'test', null, false) $$), 'UP001', 'there is no event without a request');
rollback;

-- Nothing is taken back, whoever asks and however.
create function test.change_as(p_role text, p_replica boolean, p_statement text) returns text language plpgsql as $$
declare
    v_state text;
begin
    if p_replica then
        perform set_config('session_replication_role', 'replica', true);
    end if;
    execute format('set local role %I', p_role);
    begin
        execute p_statement;
        v_state := 'done';
    exception when others then
        v_state := sqlstate;
    end;
    reset role;
    perform set_config('session_replication_role', 'origin', true);
    return v_state;
end;
$$;
select is(test.change_as(role, replica, statement), 'UP002',
          format('refused to %s%s: %s', role, case when replica then ' as a replica' else '' end, statement))
  from (values ('upstander_audit'), ('postgres')) r(role), unnest(array[false, true]) replica,
       unnest(array['update upstander.audit_event set role = ''X''', 'update upstander.audit_event set leaf = leaf', 'delete from upstander.audit_event',
                    'truncate upstander.audit_event cascade', 'truncate upstander.audit_detail', 'update upstander.audit_detail set detail = ''{}''']) statement;
select is(test.change_as(role, replica, statement), 'UP002', format('refused to %s%s: %s', role, case when replica then ' as a replica' else '' end, statement))
  from (values ('postgres')) r(role), unnest(array[false, true]) replica,
       unnest(array['update upstander.referral_event set to_state = ''CLOSED''', 'delete from upstander.referral_event', 'delete from upstander.referral_code',
                    'delete from upstander.threshold_decision', 'update upstander.addition set text_sealed = ''''', 'delete from upstander.incident_code']) statement;

-- A row proves itself.
select is(count(*), 0::bigint, 'each leaf is SHA-256 of 0 and the entry') from audit_event where leaf <> sha256('\x00'::bytea || entry);
select is(count(*), 0::bigint, 'each entry begins with what the columns say')
  from audit_event where position(convert_to(audit_entry_head(request_id, at, stream, stream_n, actor, role, organisation, action, object, case_id, case_n), 'UTF8') in entry) <> 1;
create view test.entry as
    select e.*, convert_from(entry, 'UTF8') as text, d.salt, d.detail from audit_event e join audit_detail d on d.event_id = e.id;
select is(count(*), 0::bigint, 'each entry commits to its detail')
  from test.entry where substring(text from '\ndetail ([0-9a-f]{64})\n') is distinct from encode(sha256(salt || convert_to(detail::text, 'UTF8')), 'hex');
select isnt(max(substring(text from '\ncontent ([0-9a-f]{64})\n')), null, 'and to the content that was written') from test.entry where action = 'CREATE' and case_id = :'incident_id';
select is(count(distinct salt), count(*), 'no salt is used twice') from audit_detail;
select is(string_agg(distinct (regexp_match(text, 'canary|127\.0\.0\.1|@example|2020-02-20|HARMED|s1\.|k1\.|Practitioner|Lead'))[1], ', '), null,
          'no entry holds content, an address, a name or what was searched for') from test.entry;
select is(count(*), 0::bigint, 'nor a token or the hash of one') from test.entry, session s where strpos(text, s.hash) > 0 or detail::text ~ s.hash;
select is(detail ->> 'from', '2020-02-20', 'what was searched for is beside it') from test.entry where object = 'incidents';
select is(detail ->> 'transition', null, 'but not what somebody wrote for a step that does not exist') from test.entry where action = 'DENY' and case_id = :'incident_id';
select is(count(*), 0::bigint, 'an event says who, in which role and where') from test.entry
 where actor = test.account('lado') and (role <> 'LADO' or organisation <> test.organisation('harbourside-lado') or detail ->> 'address' <> '127.0.0.1');

create function test.forge(p_column text, p_value text) returns text language plpgsql as $$
declare
    v_row upstander.audit_event;
    v_constraint text;
begin
    select * into v_row from upstander.audit_event where case_n is null and case_id is not null limit 1;
    v_row := jsonb_populate_record(v_row, jsonb_build_object('id', 1000000, p_column, p_value));
    insert into upstander.audit_event overriding system value values (v_row.*);
    return 'written';
exception when sqlstate 'UP001' then
    get stacked diagnostics v_constraint = constraint_name;
    return v_constraint;
end;
$$;
begin;
select is(test.forge('id', '1000000'), 'written', 'a row that agrees with itself is accepted from a superuser');
rollback;
select is(test.forge(name, value), refused, format('one whose %s was changed is not', name)) from (values
    ('actor', gen_random_uuid()::text, 'audit_event_head'), ('role', 'NOBODY', 'audit_event_head'), ('action', 'EXPORT', 'audit_event_head'), ('object', 'incident x', 'audit_event_head'),
    ('case_id', gen_random_uuid()::text, 'audit_event_head'), ('at', '2020-01-01', 'audit_event_head'), ('stream_n', '999', 'audit_event_head'),
    ('organisation', gen_random_uuid()::text, 'audit_event_head'), ('request_id', gen_random_uuid()::text, 'audit_event_head'),
    ('leaf', '\x' || repeat('00', 32), 'audit_event_leaf'), ('entry', '\x00', 'audit_event_head'), ('object', e'incident\ncase x', 'audit_event_head'),
    ('entry', '\x' || repeat('00', 65536), 'audit_event_entry_check')) v(name, value, refused);
begin;
select set_config('upstander.request', gen_random_uuid()::text, true) \g /dev/null
select is(test.change($$ select upstander.audit_append('VIEW', e'incident\ncase forged', null, false) $$), 'UP001', 'an object of two lines is refused');
select is(test.change($$ select upstander.audit_append('VIEW', repeat('x', 401), null, false) $$), 'UP001', 'and one that is too long');
select is(test.change($$ select upstander.audit_append('VIEW IT', 'x', null, false) $$), 'UP001', 'an action of two words is refused');
select is(test.change($$ select upstander.audit_append('', 'x', null, false) $$), 'UP001', 'and one of none');
rollback;

-- Numbering that goes on after a batch that was rolled back.
begin;
select test.sign_in('nobody') \g /dev/null
commit;
select current_setting('upstander.stream_n') as before \gset
begin;
select test.sign_in('nobody'), test.sign_in('nobody') \g /dev/null
rollback;
begin;
select test.sign_in('nobody') \g /dev/null
commit;
select is(current_setting('upstander.stream_n')::bigint, :before::bigint + 1, 'a rolled back batch leaves no gap in the stream');

-- Several connections write one case, file others and roll back now and then.
create function test.write_case(p_reference text) returns void language plpgsql as $$
begin
    perform test.sign_in('lead');
    perform upstander.audit_append('UPDATE', 'test', (select id from upstander.incident where reference = p_reference for no key update), true, null, 'content');
end;
$$;
grant execute on function test.write_case(text) to public;
select test.connect('writer' || n) from generate_series(1, 4) n \g /dev/null
select dblink_send_query('writer' || n, format($do$ do $$
    begin
        for i in 1..60 loop
            perform test.write_case(%L), test.filed('practitioner');
            if i %% 7 = %s then rollback; else commit; end if;
        end loop;
    end;
    $$ $do$, :'incident', n)) from generate_series(1, 4) n \g /dev/null
select is((select string_agg(status, ',') from dblink_get_result('writer' || n) x(status text)), 'DO', format('writer %s of four came to its end', n)) from generate_series(1, 4) n;
select cmp_ok(count(*), '>=', 200::bigint, 'they wrote to one case') from audit_event where case_id = :'incident_id' and case_n is not null;
select is(count(*), 0::bigint, 'the chain of every case has no gap')
  from (select case_n, row_number() over (partition by case_id order by case_n) as n from audit_event where case_n is not null) x where case_n <> n;
select is(count(*), 0::bigint, 'and every event names the leaf before it in its case')
  from (select text, lag(leaf) over (partition by case_id order by case_n) as previous from test.entry where case_n is not null) x
 where split_part(substring(text from '\nprevious ([^\n]*)\n'), ' ', 2) <> coalesce(encode(previous, 'hex'), '-');
select is(count(*), 0::bigint, 'the stream of every connection has no gap')
  from (select stream_n, row_number() over (partition by stream order by stream_n) as n from audit_event) x where stream_n <> n;
select is(count(*), 0::bigint, 'and every event names the leaf before it in its stream')
  from (select text, lag(leaf) over (partition by stream order by stream_n) as previous from test.entry) x
 where split_part(substring(text from '\nprevious ([^\n]*)\n'), ' ', 1) <> coalesce(encode(previous, 'hex'), '-');
select is(count(distinct stream), 5::bigint, 'each connection that wrote cases has a stream of its own') from audit_event where actor is not null;
select is(count(*), 0::bigint, 'a case stands where its chain does')
  from incident i where reference <> :'incident' and case_n <> (select max(e.case_n) from audit_event e where e.case_id = i.id);

-- Who reads it.
begin;
set local role upstander_serve;
select test.sign_in('auditor', 'AUDIT_READ') \g /dev/null
select cmp_ok((select count(*) from audit_event where case_id = :'incident_id'), '>', 0::bigint, 'an auditor reads the events of a case');
select test.sign_in('lead') \g /dev/null
select is((select count(case_id) from audit_event), 0::bigint, 'a lead reads none');
reset role;
insert into case_exclusion (incident_id, account_id, ground, audit_id)
select :'incident_id', test.account('auditor'), 'IDENTITY', 0 from (select set_config('upstander.request', gen_random_uuid()::text, true),
       audit_append('UPDATE', 'test', null, false) offset 0) x;
set local role upstander_serve;
select test.sign_in('auditor', 'AUDIT_READ') \g /dev/null
select is((select count(*) from audit_event where case_id = :'incident_id'), 0::bigint, 'an auditor who is named in a case reads none of its events');
select cmp_ok((select count(case_id) from audit_event), '>', 0::bigint, 'but those of others');
rollback;
select * from finish();
