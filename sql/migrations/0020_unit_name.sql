-- A unit is called what its organisation is called. The name stands beside it, kept by triggers on both, because nearly everything that is
-- shown of a referral says whose desk it is on.
set search_path = upstander, pg_catalog;

set role upstander_owner;
alter table unit add column name text not null default '';
comment on column unit.name is 'The organisation''s name. Never written by hand.';
update unit u set name = o.name from organisation o where o.id = u.organisation_id;
reset role;
