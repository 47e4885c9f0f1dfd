-- The first and last name alone, since names are seldom written twice alike (include/crypto/index.h).
set role upstander_owner;
set search_path = upstander, pg_catalog;

alter table account_index drop constraint account_index_kind_check;
alter table account_index add constraint account_index_kind_check check (kind in ('NAME', 'NAME_ENDS', 'NAME_BIRTH', 'EMAIL'));

alter table incident_person add column name_ends_index text;
create index incident_person_name_ends on incident_person (name_ends_index) where name_ends_index is not null;
reset role;
