-- Incidents :first to :last as filing and one step leave them: in the MASH's queue, with their clocks, access and events. Those up to 5
-- belong to the tiny authority's desk. Sealed texts are as long as a short report's but open with no key; nothing measured reads them.
-- Foreign keys are not asked while this session loads; every index and constraint of the tables stays.
begin;
set local session_replication_role = replica;
set local search_path = upstander, pg_catalog;
select set_config('upstander.audit_id', '1', true) \g /dev/null

create temporary table load on commit drop as
select i, md5(i::text) as noise, now() - interval '1 day' - (1000000 - i) * interval '20 seconds' as at,
       -- Nobody's queue is in the order of filing.
       now() + ((i * 7919) % 1000000 - 300000) * interval '2 seconds' as due,
       (lpad(to_hex(1700000000000 + i), 12, '0') || '70018000' || lpad(to_hex(i), 12, '0'))::uuid as incident,
       (lpad(to_hex(1700000000000 + i), 12, '0') || '70028000' || lpad(to_hex(i), 12, '0'))::uuid as referral,
       ('00000000-0000-7000-8000-0000000000a' || case when i <= 5 then 3 else 2 end)::uuid as desk,
       case when i <= 5 then 'X01' else 'X12' end as area,
       ('00000000-0000-7000-8000-0000000001' || lpad((1 + i % 16)::text, 2, '0'))::uuid as reporter
  from generate_series(:first::bigint, :last::bigint) i;
analyze load;

insert into incident (id, reference, kind, status, reporter_id, organisation_id, occurred_in, setting, occurred_on, occurred_precision,
                      aware_at, submitted_at, harm, suspected_offence, immediate_danger, account_sealed, retention_class, retention_from,
                      retention_due, audit_id)
select incident, 'UP-' || lpad(i::text, 8, '0'), 'INCIDENT', 'SUBMITTED', reporter, '00000000-0000-7000-8000-000000000001', area, 'SECONDARY',
       (at - interval '1 day')::date, 'EXACT', at, at, 'HAPPENED', 'NO', false, 's1.' || repeat(noise, 12), 'INCIDENT', at::date,
       (at + interval '25 years')::date, 0
  from load;
insert into data_key (owner_id, wrapped) select incident, 'k1.none.' || noise || noise || substr(noise, 1, 16) from load;
insert into incident_code (incident_id, list, code)
select incident, list, code
  from load, (values ('racism_strand', 'ANTI_BLACK'), ('incident_form', 'VERBAL_ABUSE'), ('perceived_by', 'VICTIM')) c (list, code);
insert into incident_person (id, incident_id, position, role, details_sealed, ethnicity_list, ethnicity, works_with_children, home_authority,
                             age, name_index)
select (left(incident::text, 14) || '700' || (3 + n) || right(incident::text, 18))::uuid, incident, n,
       case n when 0 then 'TARGET_CHILD' else 'ALLEGED_PERPETRATOR_CHILD' end, 's1.' || repeat(noise, 6), 'missingness', 'NOT_ASKED', 'NO',
       area, 12, md5(noise || n)
  from load, generate_series(0, 1) n;
insert into case_access (incident_id, referral_id, unit_id, reason, from_at, audit_id)
select incident, null, '00000000-0000-7000-8000-0000000000a1', 'LEAD', at, 0 from load
union all
select incident, referral, desk, 'DESK', at, 0 from load;
insert into referral_event (referral_id, n, version_id, from_state, transition, to_state, happened_at, entered_at, audit_id)
select referral, 0, v.id, null, null, 'PROPOSED', at, at, 0 from load, pathway_version v where v.pathway = 'MASH' and v.valid_to is null
union all
select referral, 1, v.id, 'PROPOSED', 'confirm', 'CONTACT', at, at, 0
  from load, pathway_version v where v.pathway = 'MASH' and v.valid_to is null;
insert into referral (id, reference, incident_id, version_id, pathway, state, n, area, because, from_unit_id, desk_unit_id, unit_id, opened_at,
                      due_at, retention_class, retention_from, retention_due, audit_id)
select referral, 'RF-' || lpad(i::text, 8, '0'), incident, v.id, 'MASH', 'CONTACT', 1, area, 'A child was harmed or is likely to be harmed.',
       '00000000-0000-7000-8000-0000000000a1', desk, desk, at, due, 'INCIDENT', at::date, (at + interval '25 years')::date, 0
  from load, pathway_version v where v.pathway = 'MASH' and v.valid_to is null;
insert into clock (referral_id, version_id, clock, started_at, due_at, stopped_at, stopped_entered_at, audit_id)
select referral, v.id, c.clock, at, due, case c.clock when 'REFER' then at end, case c.clock when 'REFER' then at end, 0
  from load, pathway_version v join pathway_clock c on c.version_id = v.id where v.pathway = 'MASH' and v.valid_to is null;

create temporary table event on commit drop as
select l.*, gen_random_uuid() as request, gen_random_uuid() as stream, null::bytea as entry from load l;
update event set entry = convert_to(audit_entry_head(request, at, stream, 1, reporter, 'REPORTER', '00000000-0000-7000-8000-000000000001', 'CREATE',
        'incident ' || incident, incident, 1) || e'previous - -\ndetail ' || noise || noise || e'\ncontent ' || noise || noise || e'\n', 'UTF8');
with appended as (
    insert into audit_event (request_id, at, stream, stream_n, actor, role, organisation, action, object, case_id, case_n, entry, leaf)
    select request, at, stream, 1, reporter, 'REPORTER', '00000000-0000-7000-8000-000000000001', 'CREATE', 'incident ' || incident, incident, 1,
           entry, sha256('\x00'::bytea || entry)
      from event returning id, leaf)
insert into audit_detail (event_id, salt, detail) select id, leaf, '{"address": "127.0.0.1"}' from appended;
commit;
