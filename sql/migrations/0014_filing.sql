-- What a report's filing need not ask twice. A check of a foreign key or a table's CHECK constraint costs about as much as writing the
-- row (docs/performance.md), so those that others imply are dropped, and none that is the only one of its kind.
set role upstander_owner;
set search_path = upstander, pg_catalog;

-- A referral's version: its place in its history says it (referral_stands_where_history_does, referral_event_starts). Its pathway is
-- held to that version. It waits at one of its two ends, each of which is a unit.
alter table pathway_version add constraint pathway_version_of_pathway unique (id, pathway);
alter table referral
    drop constraint referral_version_id_fkey,
    drop constraint referral_pathway_fkey,
    add constraint referral_follows_its_pathway foreign key (version_id, pathway) references pathway_version (id, pathway),
    drop constraint referral_unit_id_fkey,
    add constraint referral_waits_at_an_end check (unit_id in (from_unit_id, desk_unit_id));
-- A message is not a record: it says nothing that its referral does not, and goes when it is sent.
alter table outbox drop constraint outbox_unit_id_fkey, drop constraint outbox_referral_id_fkey;
-- A day's memory, which row level security binds to whoever asked.
alter table idempotency drop constraint idempotency_account_id_fkey;

-- What was declined, among all that a unit sees.
create index case_access_declined on case_access (unit_id, referral_id) where reason = 'DECLINED';
reset role;
