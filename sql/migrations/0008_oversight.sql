-- What is read across cases is found by time.
set role upstander_owner;
set search_path = upstander, pg_catalog;
create index clock_started on clock (started_at);
reset role;

set role upstander_audit;
set search_path = upstander, pg_catalog;
create index audit_event_at on audit_event (at);
reset role;
