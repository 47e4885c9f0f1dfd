-- The worker looks for proposals that nobody answered. By the clocks it walked past every clock that ever ran out and was never stopped;
-- by the referrals it finds those of one state, the ones due first.
set search_path = upstander, pg_catalog;

set role upstander_owner;
create index referral_stage on referral (version_id, state, due_at) where closed_at is null;
drop index clock_due;
reset role;
