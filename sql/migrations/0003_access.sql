-- Organisations, accounts, roles, sessions: who may do what, where.
set role upstander_owner;
set search_path = upstander, pg_catalog;

create table organisation (
    id       uuid primary key,
    slug     text not null constraint organisation_slug_taken unique check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    name     text not null check (length(name) between 1 and 200),
    kind_list text not null default 'agency_type' check (kind_list = 'agency_type'),
    kind     text not null,
    area     text references area,
    reports  boolean not null default false, -- its people report, so it must have a lead and an alternate
    created_at timestamptz not null default clock_timestamp(),
    constraint organisation_kind_known foreign key (kind_list, kind) references code (list, code)
);
comment on table organisation is 'An agency of the partnership, or a desk of one (a MASH, a LADO service).';

create table capability (
    capability text primary key,
    about text not null
);
comment on table capability is 'What a group of people in an organisation does with cases: LEAD, MASH, LADO, INTAKE, ...';

create table unit (
    id              uuid primary key default gen_random_uuid(),
    organisation_id uuid not null references organisation,
    capability      text not null references capability,
    unique (organisation_id, capability)
);
comment on table unit is 'The people of one organisation with one capability: what a case is shown to and waits for. Row level security compares units.';

create table permission (
    permission text primary key check (permission ~ '^[A-Z_]+$'),
    about      text not null
);
comment on table permission is 'What a route may require.';

create table role (
    role         text primary key check (role ~ '^[A-Z_]+$'),
    label        text not null,
    capability   text references capability,
    sees_most    boolean not null default false, -- second factor required; granting takes two people
    sort         integer not null
);
comment on table role is 'The roles of the domain (domain 0.1).';

create table role_permission (
    role       text not null references role,
    permission text not null references permission,
    primary key (role, permission)
);
comment on table role_permission is 'Which role carries which permission.';

create table account (
    id            uuid primary key,
    email         text not null check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
    name          text not null check (length(name) between 1 and 200),
    birth_date    date, -- only if the person gave it, to be matched with people named in cases
    password      text, -- argon2id PHC string; NULL until the invitation is used
    password_at   timestamptz,
    must_change   boolean not null default false,
    created_at    timestamptz not null default clock_timestamp(),
    ended_at      timestamptz,
    constraint account_email_taken unique (email)
);
comment on table account is 'A person who signs in.';

create table account_index (
    account_id uuid not null references account,
    kind       text not null check (kind in ('NAME', 'NAME_BIRTH', 'EMAIL')),
    value      text not null check (value ~ '^[0-9a-f]{32}$'),
    primary key (account_id, kind)
);
create index account_index_value on account_index (value);
comment on table account_index is 'Blind indexes of an account''s own name, birth date and e-mail, to keep people out of cases that name them.';

create table role_grant (
    id              uuid primary key,
    account_id      uuid not null references account,
    role            text not null references role,
    organisation_id uuid not null references organisation,
    unit_id         uuid references unit, -- filled from the role's capability
    alternate       boolean not null default false,
    requested_by    uuid references account, -- NULL: made on the server's own command line
    requested_at    timestamptz not null default clock_timestamp(),
    confirmed_by    uuid references account,
    confirmed_at    timestamptz,
    until           timestamptz,
    ended_at        timestamptz,
    ended_by        uuid references account,
    audit_id        bigint not null,
    constraint role_grant_two_people check (confirmed_by is null or confirmed_by is distinct from requested_by
                                            or requested_by is null)
);
create index role_grant_account on role_grant (account_id) where ended_at is null;
create index role_grant_organisation on role_grant (organisation_id, role) where ended_at is null;
comment on table role_grant is 'A role held by an account in an organisation. It counts once confirmed; roles that see most need a second person for that.';

create table session (
    hash          text primary key check (hash ~ '^[0-9a-f]{64}$'),
    account_id    uuid not null references account,
    kind          text not null check (kind in ('BEARER', 'COOKIE')),
    created_at    timestamptz not null default clock_timestamp(),
    seen_at       timestamptz not null default clock_timestamp(),
    expires_at    timestamptz not null,
    ended_at      timestamptz,
    second_factor boolean not null default false,
    device        text -- what the person reads in the list of sessions: "Firefox on Windows"
);
create index session_account on session (account_id) where ended_at is null;
comment on table session is 'A sign-in, found by the SHA-256 of its token. Activity is noted at most once a minute, outside requests.';

create table account_token (
    hash       text primary key check (hash ~ '^[0-9a-f]{64}$'),
    account_id uuid not null references account,
    purpose    text not null check (purpose in ('INVITATION', 'RESET')),
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    used_at    timestamptz
);
comment on table account_token is 'Invitations and password resets, by hash; used once.';

create table second_factor (
    account_id   uuid primary key references account,
    secret       text not null, -- sealed by the server
    created_at   timestamptz not null default clock_timestamp(),
    confirmed_at timestamptz,
    last_step    bigint not null default 0 -- a time step is accepted once
);
comment on table second_factor is 'The TOTP secret of an account, sealed.';

create table recovery_code (
    account_id uuid not null references account,
    hash       text not null,
    used_at    timestamptz,
    primary key (account_id, hash)
);
comment on table recovery_code is 'Keyed hashes of one-time recovery codes.';

create table sign_in_failure (
    id     bigint generated always as identity primary key,
    bucket text not null, -- 'account:<hash>', 'device:<hash>', 'address:<hash>'
    at     timestamptz not null default clock_timestamp()
);
create index sign_in_failure_bucket on sign_in_failure (bucket, at);
comment on table sign_in_failure is 'Failed sign-ins of the last hour, by keyed hash of account, device and address. Swept by the worker.';
reset role;
