-- A partnership to measure with: a school that reports, the MASH of two authorities and a LADO service.
--   accounts 1-16 report, 17 and 18 lead at the school, 19 is MASH manager of the large authority (sees all), 20 of the tiny one (sees
--   five), 21 officer of the LADO service, 22 sees figures alone and so is refused everything that is measured
-- Variable hashes: the session hash of each account, in this order, parted by commas.
begin;
set local search_path = upstander, pg_catalog;
select set_config('upstander.audit_id', '1', true) \g /dev/null
insert into area (area, name, in_partnership) values ('X12', 'Harbourside', true), ('X01', 'Old Quay', true) on conflict do nothing;
insert into organisation (id, slug, name, kind, area, reports) values
    ('00000000-0000-7000-8000-000000000001', 'bench-school', 'Bench School', 'EDUCATION', 'X12', true),
    ('00000000-0000-7000-8000-000000000002', 'bench-mash', 'Bench MASH', 'LA_CSC', 'X12', false),
    ('00000000-0000-7000-8000-000000000003', 'tiny-mash', 'Tiny MASH', 'LA_CSC', 'X01', false),
    ('00000000-0000-7000-8000-000000000004', 'bench-lado', 'Bench LADO', 'LA_CSC', 'X12', false);
insert into unit (id, organisation_id, capability) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000001', 'LEAD'),
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-000000000002', 'MASH'),
    ('00000000-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-000000000003', 'MASH'),
    ('00000000-0000-7000-8000-0000000000a4', '00000000-0000-7000-8000-000000000004', 'LADO');
insert into desk (pathway, area, unit_id) values
    ('MASH', null, '00000000-0000-7000-8000-0000000000a2'), ('MASH', 'X01', '00000000-0000-7000-8000-0000000000a3'),
    ('LADO', null, '00000000-0000-7000-8000-0000000000a4');
insert into account (id, email, name, password)
select ('00000000-0000-7000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, 'account' || n || '@example.test', 'Account ' || n, 'none'
  from generate_series(1, 22) n;
insert into account_index (account_id, kind, value)
select id, k, md5(id || k) from account, unnest(array['NAME', 'NAME_BIRTH', 'EMAIL']) k;
insert into role_grant (id, account_id, role, organisation_id, unit_id, confirmed_at, audit_id)
select gen_random_uuid(), ('00000000-0000-7000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, role, unit.organisation_id,
       case when role not in ('REPORTER', 'SCRUTINY') then unit.id end, now(), 0
  from generate_series(1, 22) n
  join lateral (select case when n <= 16 then 'REPORTER' when n <= 18 then 'AGENCY_LEAD' when n <= 20 then 'MASH_MANAGER'
                            when n = 21 then 'LADO' else 'SCRUTINY' end,
                       case when n <= 18 then 1 when n = 20 then 3 when n = 21 then 4 else 2 end) x (role, place) on true
  join unit on unit.id = ('00000000-0000-7000-8000-0000000000a' || place)::uuid;
insert into session (hash, account_id, kind, expires_at, second_factor)
select hash, ('00000000-0000-7000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, 'BEARER', now() + interval '1 day', true
  from unnest(string_to_array(:'hashes', ',')) with ordinality x (hash, n);
update site set value = '240' where key = 'idle_minutes';
update site set value = 'yes' where key = 'retention_agreed';
commit;
