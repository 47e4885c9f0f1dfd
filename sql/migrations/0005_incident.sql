-- Incidents, the people in them, who may see them, drafts and idempotency.
set role upstander_owner;
set search_path = upstander, pg_catalog;

create table retention_class (
    class    text primary key check (class ~ '^[A-Z_]+$'),
    about    text not null,
    basis    text not null check (basis in ('LAST_ACTION', 'BIRTH_OF_YOUNGEST_CHILD', 'CREATED')),
    years    integer not null check (years between 0 and 120),
    days     integer not null default 0,
    source   text not null,
    verified_on date
);
comment on table retention_class is 'How long a kind of record is kept, from what, and on whose word. Policy rows, never code.';

create table incident (
    id                  uuid primary key,
    reference           text not null constraint incident_reference_taken unique,
    kind                text not null check (kind in ('INCIDENT', 'OBSERVATION', 'GOOD_PRACTICE')),
    status              text not null check (status in ('SUBMITTED', 'IN_PROGRESS', 'CLOSED')),
    reporter_id         uuid references account,
    organisation_id     uuid not null references organisation,
    occurred_at_organisation_id uuid references organisation,
    occurred_in         text constraint incident_occurred_in_known references area,
    setting             text,
    occurred_on         date,
    occurred_time       time,
    occurred_precision  text not null check (occurred_precision in ('EXACT', 'APPROXIMATE', 'PERIOD', 'UNKNOWN')),
    aware_at            timestamptz not null,
    submitted_at        timestamptz not null,
    direction           text,
    harm                text not null check (harm in ('NONE_KNOWN', 'LIKELY', 'HAPPENED')),
    suspected_offence   text not null check (suspected_offence in ('YES', 'NO', 'UNSURE')),
    immediate_danger    boolean not null,
    account_sealed      text not null, -- {narrative, verbatim, wishes, must_not_know, safe_contact, actions_taken}
    case_n              integer not null default 1, -- position of the last change in the case's chain: the ETag
    retention_class     text not null references retention_class,
    retention_from      date not null,
    retention_due       date not null,
    legal_hold          boolean not null default false,
    audit_id            bigint not null,
    constraint incident_occurred_not_later
        check (occurred_on is null or occurred_on <= (submitted_at at time zone 'Europe/London')::date),
    constraint incident_aware_not_later check (aware_at <= submitted_at + interval '5 minutes'),
    setting_list        text not null default 'setting' check (setting_list = 'setting'),
    direction_list      text not null default 'direction' check (direction_list = 'direction'),
    constraint incident_setting_known foreign key (setting_list, setting) references code (list, code),
    constraint incident_direction_known foreign key (direction_list, direction) references code (list, code)
);
create index incident_reporter on incident (reporter_id, id);
comment on table incident is 'A report that was sent. Narratives and words are sealed before they reach this table.';

create table data_key (
    owner_id uuid primary key, -- an incident
    wrapped  text not null      -- the key under the site's key-encryption key; 'erased' when it was destroyed
);
comment on table data_key is 'One wrapped key per incident. Destroying it erases the record.';

create table incident_code (
    incident_id uuid not null references incident,
    list        text not null,
    code        text not null,
    primary key (incident_id, list, code),
    constraint incident_code_known foreign key (list, code) references code (list, code)
);
comment on table incident_code is 'Strands, levels, forms and who perceived racism: several codes each.';

create table incident_person (
    id                  uuid primary key,
    incident_id         uuid not null references incident,
    position            smallint not null check (position between 0 and 19),
    role                text not null,
    details_sealed      text not null, -- everything that says who: name, birth, words about identity, impact
    ethnicity_list      text not null check (ethnicity_list in ('ethnicity', 'missingness')),
    ethnicity           text not null,
    ethnicity_source    text,
    religion            text,
    works_with_children text not null check (works_with_children in ('YES', 'NO', 'UNKNOWN')),
    workplace_id        uuid references organisation,
    workplace_authority text constraint incident_person_workplace_authority_known references area,
    home_authority      text constraint incident_person_home_authority_known references area,
    looked_after_by     text constraint incident_person_looked_after_by_known references area,
    care_status         text,
    age                 smallint check (age between 0 and 120),
    name_index          text, -- blind indexes, to keep the people named out of the case
    name_birth_index    text,
    email_index         text,
    unique (incident_id, position),
    role_list           text not null default 'party_role' check (role_list = 'party_role'),
    source_list         text not null default 'ethnicity_source' check (source_list = 'ethnicity_source'),
    constraint incident_person_role_known foreign key (role_list, role) references code (list, code),
    constraint incident_person_ethnicity_known foreign key (ethnicity_list, ethnicity) references code (list, code),
    constraint incident_person_source_known foreign key (source_list, ethnicity_source) references code (list, code),
    constraint incident_person_missing_has_no_source check (ethnicity_list = 'ethnicity' or ethnicity_source is null)
);
create index incident_person_name on incident_person (name_index) where name_index is not null;
create index incident_person_name_birth on incident_person (name_birth_index) where name_birth_index is not null;
create index incident_person_email on incident_person (email_index) where email_index is not null;
comment on table incident_person is 'A person in a report: child harmed, person whose behaviour was reported, witness, ...';

create table case_access (
    id          bigint generated always as identity primary key,
    incident_id uuid not null references incident,
    referral_id uuid, -- NULL: every referral of the case
    unit_id     uuid references unit,
    account_id  uuid references account,
    reason      text not null check (reason in ('REPORTED', 'LEAD', 'DESK', 'DECLINED', 'GRANT', 'BREAK_GLASS')),
    from_at     timestamptz not null default clock_timestamp(),
    until       timestamptz,
    audit_id    bigint not null,
    check ((unit_id is null) <> (account_id is null))
);
create index case_access_unit on case_access (unit_id, incident_id) where unit_id is not null;
create index case_access_account on case_access (account_id, incident_id) where account_id is not null;
create index case_access_case on case_access (incident_id);
comment on table case_access is 'To whom a case is shown: written when it is opened, referred, declined or granted.';

create table case_exclusion (
    incident_id uuid not null references incident,
    account_id  uuid not null references account,
    ground      text not null check (ground in ('IDENTITY', 'NAME', 'DECLARED')),
    since       timestamptz not null default clock_timestamp(),
    cleared_at  timestamptz,
    cleared_by  uuid references account,
    audit_id    bigint not null,
    primary key (incident_id, account_id, ground),
    constraint case_exclusion_only_names_are_cleared check (cleared_at is null or ground = 'NAME')
);
create index case_exclusion_account on case_exclusion (account_id, incident_id) where cleared_at is null;
comment on table case_exclusion is 'From whom a case is hidden entirely: people it names, and declared conflicts. A match by name alone can be cleared by a case administrator.';

create table addition (
    id          uuid primary key,
    incident_id uuid not null references incident,
    author_id   uuid not null references account,
    unit_id     uuid references unit, -- the desk for which it was added, and which alone sees it; NULL: everybody on the case
    at          timestamptz not null default clock_timestamp(),
    text_sealed text not null,
    audit_id    bigint not null
);
create index addition_incident on addition (incident_id, at);
comment on table addition is 'What was added to a report afterwards. Append-only.';

create table draft (
    id         uuid primary key,
    account_id uuid not null references account,
    form       text not null,
    wrapped    text not null,
    sealed     text not null, -- the answers so far, under a key of the draft's own
    version    integer not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    changed_at timestamptz not null default clock_timestamp(),
    incident_key text not null, -- the idempotency key its submission will carry
    retention_class text not null default 'DRAFT' references retention_class,
    retention_from  date not null default current_date,
    retention_due   date not null,
    legal_hold boolean not null default false
);
create index draft_account on draft (account_id, id);
comment on table draft is 'A report being written: one sealed blob per author, seen by nobody else.';

create table idempotency (
    account_id uuid not null references account,
    key        text not null check (length(key) between 1 and 64),
    hash       text not null check (hash ~ '^[0-9a-f]{64}$'),
    at         timestamptz not null default clock_timestamp(),
    object_id  uuid not null,
    location   text,
    receipt    text,
    primary key (account_id, key)
);
comment on table idempotency is 'The effect of a POST that created something, kept 24 hours, so that a retry finds the first answer.';
reset role;
