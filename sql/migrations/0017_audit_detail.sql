-- The particulars of an event are written by audit_append alone, beside the event and under its number; events are never removed. So
-- the foreign key says nothing that could be otherwise, and it cost every request a lookup. The salt's length is held by its type,
-- whose check is kept compiled where a CHECK constraint's is read anew for every row.
set search_path = upstander, pg_catalog;

set role upstander_audit;
alter table audit_detail drop constraint audit_detail_event_id_fkey, drop constraint audit_detail_salt_check;
reset role;
create domain salt as bytea check (length(value) = 32);
alter domain salt owner to upstander_audit;
set role upstander_audit;
alter table audit_detail alter column salt type salt;
reset role;
