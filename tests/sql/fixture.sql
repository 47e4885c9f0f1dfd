-- The partnership of the tests: a large authority X12, a tiny one X01, and their desks and people.
set search_path = test, upstander, pg_catalog;

create table test.person_of_fixture (name text primary key, role text not null, slug text not null, capability text);
grant select on test.person_of_fixture to public;

-- One transaction: an organisation that reports needs its two leads by the end of it.
begin;
set local role upstander_owner;
insert into area (area, name, in_partnership) values ('X12', 'Harbourside', true), ('X01', 'Old Quay', true)
on conflict do nothing;
insert into organisation (id, slug, name, kind, area, reports)
select test.organisation(slug), slug, name, kind, area, reports from (values
    ('example-school', 'Example School', 'EDUCATION', 'X12', true),
    ('oldquay-school', 'Old Quay School', 'EDUCATION', 'X01', true),
    ('charity', 'A charity of no one place', 'VCS', null, true),
    ('harbourside-mash', 'Harbourside MASH', 'LA_CSC', 'X12', false),
    ('harbourside-lado', 'Harbourside LADO', 'LA_CSC', 'X12', false),
    ('oldquay-front-door', 'Old Quay front door', 'LA_CSC', 'X01', false),
    ('oldquay-lado', 'Old Quay LADO', 'LA_CSC', 'X01', false),
    ('partnership', 'The partnership', 'OTHER', null, false)) v(slug, name, kind, area, reports);
insert into unit (id, organisation_id, capability)
select test.unit(slug, capability), test.organisation(slug), capability from (values
    ('example-school', 'LEAD'), ('oldquay-school', 'LEAD'), ('charity', 'LEAD'), ('harbourside-mash', 'MASH'),
    ('harbourside-lado', 'LADO'), ('oldquay-front-door', 'MASH'), ('oldquay-lado', 'LADO'), ('partnership', 'INTAKE'),
    ('partnership', 'QA')) v(slug, capability);
insert into desk (pathway, area, unit_id)
select pathway, area, test.unit(slug, capability) from (values
    ('LADO', 'X12', 'harbourside-lado', 'LADO'), ('LADO', 'X01', 'oldquay-lado', 'LADO'), ('LADO', null, 'partnership', 'INTAKE'),
    ('MASH', 'X12', 'harbourside-mash', 'MASH'), ('MASH', 'X01', 'oldquay-front-door', 'MASH'),
    ('MASH', null, 'partnership', 'INTAKE')) v(pathway, area, slug, capability);
reset role;

insert into test.person_of_fixture (name, role, slug, capability) values
    ('practitioner', 'REPORTER', 'example-school', null),
    ('practitioner.oldquay', 'REPORTER', 'oldquay-school', null),
    ('practitioner.charity', 'REPORTER', 'charity', null),
    ('lead', 'AGENCY_LEAD', 'example-school', 'LEAD'),
    ('deputy', 'AGENCY_LEAD', 'example-school', 'LEAD'),
    ('deputy.oldquay', 'AGENCY_LEAD', 'oldquay-school', 'LEAD'),
    ('deputy.charity', 'AGENCY_LEAD', 'charity', 'LEAD'),
    ('lead.oldquay', 'AGENCY_LEAD', 'oldquay-school', 'LEAD'),
    ('lead.charity', 'AGENCY_LEAD', 'charity', 'LEAD'),
    ('mash', 'MASH_SCREENER', 'harbourside-mash', 'MASH'),
    ('mash.manager', 'MASH_MANAGER', 'harbourside-mash', 'MASH'),
    ('mash.oldquay', 'MASH_MANAGER', 'oldquay-front-door', 'MASH'),
    ('lado', 'LADO', 'harbourside-lado', 'LADO'),
    ('lado.oldquay', 'LADO', 'oldquay-lado', 'LADO'),
    ('intake', 'PARTNERSHIP_INTAKE', 'partnership', 'INTAKE'),
    ('auditor', 'QA_AUDITOR', 'partnership', 'QA'),
    ('dpo', 'DPO', 'partnership', null),
    ('admin', 'SYSADMIN', 'partnership', null);
select set_config('upstander.request', gen_random_uuid()::text, true), set_config('upstander.role', 'SYSTEM', true);
insert into account (id, email, name, password) select test.account(name), name || '@example.test', initcap(name), 'none' from test.person_of_fixture;
select audit_append('CREATE', 'fixture', null, false);
insert into role_grant (id, account_id, role, organisation_id, unit_id, confirmed_at, audit_id)
select md5('grant ' || name)::uuid, test.account(name), role, test.organisation(slug), test.unit(slug, capability), now(), 0
  from test.person_of_fixture;
insert into session (hash, account_id, kind, expires_at, second_factor)
select test.session(name), test.account(name), 'BEARER', now() + interval '1 day', true from test.person_of_fixture;
commit;
