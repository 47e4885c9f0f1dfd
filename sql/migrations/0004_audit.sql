-- The audit trail: one append-only table, written only by audit_append (sql/functions/audit.sql).
set role upstander_audit;
set search_path = upstander, pg_catalog;

create table audit_event (
    id           bigint generated always as identity primary key,
    xid          xid8 not null default pg_current_xact_id(),
    request_id   uuid not null,
    at           timestamptz not null,
    stream       uuid not null,
    stream_n     bigint not null check (stream_n > 0),
    actor        uuid,
    role         text not null,
    organisation uuid,
    action       text not null,
    object       text not null,
    case_id      uuid,
    case_n       integer,
    entry        bytea not null check (length(entry) <= 65535),
    leaf         bytea not null check (length(leaf) = 32),
    unique (case_id, case_n),
    check (case_n is null or case_id is not null),
    constraint audit_event_one_line check (action ~ '^[A-Z_]{1,40}$' and role ~ '^[A-Z_]{1,40}$' and object !~ '[[:cntrl:]]' and length(object) <= 400),
    constraint audit_event_leaf check (leaf = sha256('\x00'::bytea || entry))
);
comment on table audit_event is 'Every change, read, search and refusal. entry holds the exact bytes that are hashed; the columns beside it are derived from it.';
create index audit_event_actor on audit_event (actor, id);
create index audit_event_case on audit_event (case_id, id) where case_id is not null;
create index audit_event_organisation on audit_event (organisation, id);
create index audit_event_action on audit_event (action, id);
create index audit_event_xid on audit_event (xid);

create table audit_detail (
    event_id bigint primary key references audit_event,
    salt     bytea not null check (length(salt) = 32),
    detail   jsonb not null
);
comment on table audit_detail is 'What an event commits to and may later be erased: address, session, search terms, reasons. entry holds SHA-256(salt || detail).';

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only' using errcode = 'UP002';
end;
$$;
create trigger audit_event_append_only before update or delete on audit_event
    for each row execute function audit_refuse_change();
create trigger audit_event_no_truncate before truncate on audit_event
    for each statement execute function audit_refuse_change();
alter table audit_event enable always trigger audit_event_append_only;
alter table audit_event enable always trigger audit_event_no_truncate;
create trigger audit_detail_no_truncate before truncate on audit_detail
    for each statement execute function audit_refuse_change();
alter table audit_detail enable always trigger audit_detail_no_truncate;
-- A detail may be erased, never changed: the event commits to it.
create trigger audit_detail_no_change before update on audit_detail
    for each row execute function audit_refuse_change();
alter table audit_detail enable always trigger audit_detail_no_change;
grant references on audit_event to upstander_owner;
reset role;
