-- Only changes of a case have a place in its chain; the unique index held every reading too, and each paid for its entry.
set search_path = upstander, pg_catalog;

set role upstander_audit;
create unique index audit_event_chain on audit_event (case_id, case_n) where case_n is not null;
alter table audit_event drop constraint audit_event_case_id_case_n_key;
reset role;
