-- How long a referral is kept is its pathway's to say: a LADO's record of an allegation outlives the report that it came from.
set role upstander_owner;
set search_path = upstander, pg_catalog;

alter table retention_class drop constraint retention_class_basis_check;
alter table retention_class add constraint retention_class_basis_check
    check (basis in ('LAST_ACTION', 'BIRTH_OF_YOUNGEST_CHILD', 'BIRTH_OF_SUBJECT', 'CREATED'));
alter table retention_class add column review_years integer check (review_years between 1 and 120);
comment on column retention_class.review_years is 'After so many years from its close somebody looks whether it is still needed. NULL: not before it is due.';

alter table pathway_version add column retention_class text references retention_class;
comment on column pathway_version.retention_class is 'The class of the referrals that are opened under it. NULL: that of the report.';
reset role;
