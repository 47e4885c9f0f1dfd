-- What accounts need beyond 0003: sessions that can be named without their hash, devices, and who may give a role to whom.
set role upstander_owner;
set search_path = upstander, pg_catalog;

alter table session add column id uuid not null default gen_random_uuid();
alter table session add constraint session_id_once unique (id);
comment on column session.id is 'By which the person ends it in the list of sessions; of no use for signing in.';

create table account_device (
    account_id uuid not null references account,
    hash       text not null check (hash ~ '^[0-9a-f]{64}$'),
    first_at   timestamptz not null default clock_timestamp(),
    seen_at    timestamptz not null default clock_timestamp(),
    primary key (account_id, hash)
);
comment on table account_device is 'Browsers in which an account has signed in, by hash of their cookie. Guesses made elsewhere do not keep such a browser out.';

alter table role_grant add constraint role_grant_not_by_oneself
    check (requested_by <> account_id and confirmed_by <> account_id);
create unique index role_grant_once on role_grant (account_id, role, organisation_id) where ended_at is null;

-- Erasing a token with its outbox row leaves nothing that could be used, so both are found by account.
create index account_token_account on account_token (account_id) where used_at is null;
reset role;
