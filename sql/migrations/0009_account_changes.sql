-- What one administrator may not do alone to the account of somebody who sees most, and what an account's history must keep.
set role upstander_owner;
set search_path = upstander, pg_catalog;

create table account_change (
    id           uuid primary key,
    account_id   uuid not null references account,
    kind         text not null check (kind in ('EMAIL', 'SECOND_FACTOR')),
    value        text check (length(value) <= 254), -- the new address
    indexes      jsonb not null default '[]' check (length(indexes::text) <= 1000), -- the blind index that comes with it
    requested_by uuid not null references account,
    requested_at timestamptz not null default clock_timestamp(),
    confirmed_by uuid references account,
    confirmed_at timestamptz,
    ended_by     uuid references account, -- turned down
    ended_at     timestamptz,
    audit_id     bigint not null,
    check ((kind = 'EMAIL') = (value is not null)),
    check ((confirmed_by is null) = (confirmed_at is null)),
    check (confirmed_at is null or ended_at is null),
    check (confirmed_by <> requested_by and confirmed_by <> account_id)
);
create unique index account_change_waits on account_change (account_id, kind) where confirmed_at is null and ended_at is null;
comment on table account_change is 'A new e-mail address or a second factor to be reset, asked for an account whose role sees most: done once a second person confirms it.';

-- The server makes ASCII letters small and so does lower(), which knows more letters: one account, one spelling, one count of tries.
alter table account add check (octet_length(email) = length(email));

-- A name, a birth date or an address that was given once is matched for good: nobody leaves a case by another spelling.
alter table account_index drop constraint account_index_pkey;
alter table account_index add primary key (account_id, kind, value);

alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
    check (kind in ('REFERRAL_WAITING', 'REFERRAL_DECLINED', 'ACCOUNT_INVITATION', 'PASSWORD_RESET', 'ACCOUNT_CHANGED'));
alter table outbox add column email text check (length(email) <= 254);
comment on column outbox.email is 'The address that an account had, to be told that it has another; otherwise the account''s own of the day of sending.';

-- The letters of the last hour are counted by account.
create index account_token_made on account_token (account_id, created_at);
reset role;
