-- Pathways as versioned definitions, referrals that follow them, clocks, and the outbox.
set role upstander_owner;
set search_path = upstander, pg_catalog;

create table pathway (
    pathway text primary key check (pathway ~ '^[A-Z_]+$'),
    name    text not null,
    sort    integer not null
);
comment on table pathway is 'A way that a report must be answered: LADO, MASH, ...';

create table pathway_version (
    id          uuid primary key default gen_random_uuid(),
    pathway     text not null references pathway,
    number      integer not null,
    valid_from  date not null,
    valid_to    date,
    source      text not null,
    verified_on date not null,
    sha256      text not null,
    definition  jsonb not null,
    installed_at timestamptz not null default clock_timestamp(),
    desk_capability text not null references capability,
    unique (pathway, number),
    check (valid_to is null or valid_to >= valid_from)
);
create unique index pathway_version_in_force on pathway_version (pathway) where valid_to is null;
comment on table pathway_version is 'A definition as it was in force. A referral stays on the version that it was opened under.';

create table pathway_state (
    version_id uuid not null references pathway_version,
    state      text not null check (state ~ '^[A-Z_]+$'),
    label      text not null,
    about      text not null,  -- what it means, for whoever may see the case
    reporter_label text not null, -- what the reporter is told; never lateness
    held_by    text not null check (held_by in ('FROM', 'DESK', 'NOBODY')),
    initial    boolean not null default false,
    final      boolean not null default false,
    sort       integer not null,
    primary key (version_id, state),
    unique (version_id, state, initial)
);
create unique index pathway_state_one_initial on pathway_state (version_id) where initial;
comment on table pathway_state is 'The states of a version, and which side the case waits for in each.';

create table pathway_transition (
    version_id uuid not null,
    from_state text not null,
    transition text not null check (transition ~ '^[a-z_]+$'),
    to_state   text not null,
    label      text not null,
    side       text not null check (side in ('FROM', 'DESK', 'SYSTEM')),
    trigger_event text check (trigger_event in ('SILENCE', 'IMMEDIATE_DANGER', 'NO_FREE_LEAD')),
    form       jsonb not null, -- {title, fields: [...]} as include/view/form.h describes
    sort       integer not null,
    primary key (version_id, from_state, transition),
    unique (version_id, from_state, transition, to_state),
    foreign key (version_id, from_state) references pathway_state (version_id, state),
    foreign key (version_id, to_state) references pathway_state (version_id, state),
    check ((side = 'SYSTEM') = (trigger_event is not null))
);
comment on table pathway_transition is 'The steps that a version allows. A step that is not a row here cannot be recorded.';

create table pathway_transition_role (
    version_id uuid not null,
    from_state text not null,
    transition text not null,
    role       text not null references role,
    primary key (version_id, from_state, transition, role),
    foreign key (version_id, from_state, transition) references pathway_transition (version_id, from_state, transition)
);
comment on table pathway_transition_role is 'Who may take a step.';

create table pathway_clock (
    version_id uuid not null references pathway_version,
    clock      text not null check (clock ~ '^[A-Z0-9_]+$'),
    label      text not null,
    indicator  text, -- the KPI of domain 5.1 that it feeds
    amount     integer not null check (amount between 0 and 1000),
    unit       text not null check (unit in ('WORKING_DAYS', 'DAYS', 'HOURS', 'MONTHS')),
    start_on   text not null check (start_on in ('AWARE', 'ENTER')),
    start_state text,
    source     text not null,
    verified_on date not null,
    sort       integer not null,
    primary key (version_id, clock),
    foreign key (version_id, start_state) references pathway_state (version_id, state),
    check ((start_on = 'ENTER') = (start_state is not null))
);
comment on table pathway_clock is 'The clocks of a version: what starts them, and how long they allow.';

create table pathway_clock_stop (
    version_id uuid not null,
    clock      text not null,
    state      text not null, -- entering it stops the clock
    not_applicable boolean not null default false, -- or says that the clock does not apply
    primary key (version_id, clock, state),
    foreign key (version_id, clock) references pathway_clock (version_id, clock),
    foreign key (version_id, state) references pathway_state (version_id, state)
);
comment on table pathway_clock_stop is 'The states whose entry stops a clock.';

create table pathway_rule (
    version_id uuid not null references pathway_version,
    n          smallint not null,
    kinds      text[] not null, -- of report
    otherwise  boolean not null default false, -- asks about no person: matched when no other rule of any pathway is
    person_roles text[] not null,
    works_with_children text[],
    harm       text[],
    immediate_danger boolean,
    age_from   smallint,
    age_to     smallint,
    geography  text[] not null, -- the facts that give the authority, the first known one counts
    because    text not null,
    not_known  text, -- said besides when the first of these facts is not known
    primary key (version_id, n),
    check (otherwise = (person_roles = '{}'))
);
comment on table pathway_rule is 'When the facts of a report propose this pathway, why, and whose desk receives it (domain 4.3). Rules propose, people decide.';

create table desk (
    pathway text not null references pathway,
    area    text references area, -- NULL: every authority without a desk of its own
    unit_id uuid not null references unit,
    unique nulls not distinct (pathway, area)
);
comment on table desk is 'Which unit receives a pathway''s referrals for an authority. Authorities outside the partnership go to the desk with no area, which sends them by print or mail.';

create table referral (
    id           uuid primary key,
    reference    text not null constraint referral_reference_taken unique,
    incident_id  uuid not null references incident,
    version_id   uuid not null references pathway_version,
    pathway      text not null references pathway,
    state        text not null,
    n            integer not null,
    area         text references area,
    because      text not null,
    from_unit_id uuid references unit,
    desk_unit_id uuid not null references unit,
    unit_id      uuid references unit, -- whom it waits for now
    assignee_id  uuid references account,
    opened_at    timestamptz not null,
    new_for_unit boolean not null default true, -- nobody there has acknowledged it yet
    due_at       timestamptz not null default '9999-12-31 00:00:00+00', -- of the running clock that is due first; none: the end of time
    closed_at    timestamptz,
    retention_class text not null references retention_class,
    retention_from  date not null,
    retention_due   date not null,
    legal_hold   boolean not null default false,
    audit_id     bigint not null
);
create index referral_incident on referral (incident_id);
create index referral_queue on referral (unit_id, due_at, id) where closed_at is null;
create index referral_new on referral (unit_id, due_at, id) where new_for_unit and closed_at is null;
create index referral_opened on referral (unit_id, opened_at, id) where closed_at is null;
-- What waits for somebody else, as the unit at either end sees it. A desk knows of nothing that is only proposed (n = 0).
create index referral_desk on referral (desk_unit_id, due_at, id)
    where closed_at is null and unit_id is distinct from desk_unit_id and n > 0;
create index referral_from on referral (from_unit_id, due_at, id) where closed_at is null and unit_id is distinct from from_unit_id;
-- What the lead declined and the desk has not looked at yet.
create index referral_declined on referral (desk_unit_id) where new_for_unit and closed_at is not null;
comment on table referral is 'One pathway of one incident.';

create table referral_event (
    referral_id uuid not null,
    n           integer not null check (n >= 0),
    previous_n  integer generated always as (case when n > 0 then n - 1 end) stored,
    version_id  uuid not null,
    from_state  text,
    transition  text,
    to_state    text not null,
    initial     boolean generated always as (case when n = 0 then true end) stored,
    happened_at timestamptz not null,
    entered_at  timestamptz not null default clock_timestamp(),
    actor_id    uuid references account, -- NULL: the rules or the clock
    unit_id     uuid references unit,    -- for whom the actor took it
    data        jsonb not null default '{}', -- codes and dates; texts are in sealed
    sealed_id   uuid, -- the row id that the sealed texts are bound to
    sealed      text,
    audit_id    bigint not null,
    primary key (referral_id, n),
    check ((sealed is null) = (sealed_id is null)),
    unique (referral_id, n, to_state, version_id),
    check ((n = 0) = (from_state is null)),
    check ((n = 0) = (transition is null)),
    constraint referral_event_follows foreign key (referral_id, previous_n, from_state, version_id)
        references referral_event (referral_id, n, to_state, version_id),
    constraint referral_event_allowed foreign key (version_id, from_state, transition, to_state)
        references pathway_transition (version_id, from_state, transition, to_state),
    constraint referral_event_starts foreign key (version_id, to_state, initial)
        references pathway_state (version_id, state, initial),
    constraint referral_event_in_order check (happened_at <= entered_at + interval '5 minutes')
);
comment on table referral_event is 'Every step of a referral. Its foreign keys make a wrong state, a skipped step or a step that the definition does not allow impossible, whoever asks.';

alter table referral add constraint referral_stands_where_history_does
    foreign key (id, n, state, version_id) references referral_event (referral_id, n, to_state, version_id);
alter table referral_event add constraint referral_event_referral
    foreign key (referral_id) references referral (id) deferrable initially deferred;

create table threshold_decision (
    referral_id uuid not null,
    version_id  uuid not null,
    decision    text not null,
    n           integer not null,
    list        text not null default 'threshold_decision' check (list = 'threshold_decision'),
    state       text generated always as ('THRESHOLD_' || decision) stored,
    primary key (referral_id, decision),
    -- A decision stands on the step that led to the state of its name, and on no other.
    constraint threshold_decision_was_taken foreign key (referral_id, n, state, version_id)
        references referral_event (referral_id, n, to_state, version_id),
    foreign key (list, decision) references code (list, code)
);
comment on table threshold_decision is 'The LADO''s decision whether the harm threshold is met.';

create table referral_code (
    referral_id uuid not null,
    n           integer not null,
    field       text not null,
    list        text not null,
    code        text not null,
    -- An outcome stands on a threshold decision of MET (domain 1.5), whoever writes it.
    threshold   text generated always as (case when list = 'outcome_lado' then 'MET' end) stored,
    primary key (referral_id, n, field, code),
    foreign key (referral_id, n) references referral_event (referral_id, n),
    constraint referral_code_known foreign key (list, code) references code (list, code),
    constraint referral_outcome_needs_threshold_met foreign key (referral_id, threshold)
        references threshold_decision (referral_id, decision)
);
comment on table referral_code is 'The coded answers of a step: criteria, decision, outcome, finding.';

create table clock (
    id          bigint generated always as identity primary key,
    -- Deferred: the clocks of a new referral are started first, because the referral carries the first due time.
    referral_id uuid not null references referral deferrable initially deferred,
    version_id  uuid not null,
    clock       text not null,
    started_at  timestamptz not null,
    due_at      timestamptz not null,
    stopped_at  timestamptz,          -- as it happened
    stopped_entered_at timestamptz,   -- when it was entered
    paused_at   timestamptz,
    pause_reason text,
    not_applicable boolean not null default false,
    audit_id    bigint not null,
    foreign key (version_id, clock) references pathway_clock (version_id, clock),
    check ((paused_at is null) = (pause_reason is null)),
    check ((stopped_at is null) = (stopped_entered_at is null))
);
create index clock_referral on clock (referral_id);
create index clock_due on clock (due_at) where stopped_at is null;
comment on table clock is 'A deadline of a referral. Its status is clock_status() everywhere.';

create table outbox (
    id          bigint generated always as identity primary key,
    kind        text not null check (kind in ('REFERRAL_WAITING', 'REFERRAL_DECLINED', 'ACCOUNT_INVITATION', 'PASSWORD_RESET')),
    unit_id     uuid references unit,
    account_id  uuid references account,
    referral_id uuid references referral,
    token_sealed text, -- for invitations and resets
    created_at  timestamptz not null default clock_timestamp(),
    claimed_until timestamptz,
    sent_at     timestamptz,
    attempts    integer not null default 0
);
create index outbox_waiting on outbox (created_at) where sent_at is null;
comment on table outbox is 'Who must be told what. Never a name or a narrative.';
reset role;
