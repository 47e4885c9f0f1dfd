-- Why a case is hidden from somebody, or no longer is, in words: sealed under the case's key before they reach this table.
set role upstander_owner;
set search_path = upstander, pg_catalog;

alter table case_exclusion
    add column unit_id uuid references unit,
    add column reason_id uuid,
    add column reason_sealed text,
    add constraint case_exclusion_reason_has_its_row check ((reason_id is null) = (reason_sealed is null)),
    add constraint case_exclusion_says_why check ((reason_sealed is not null) = (ground = 'DECLARED' or cleared_at is not null)) not valid, -- older clearings kept their words in the trail
    add constraint case_exclusion_unit_of_declared check (unit_id is null or ground = 'DECLARED');
comment on column case_exclusion.unit_id is 'For which unit somebody worked on the case when they declared a conflict: its people read why.';
comment on column case_exclusion.reason_id is 'The row id that the sealed reason is bound to.';
comment on column case_exclusion.reason_sealed is 'What somebody said when they declared a conflict of interest, or how it is known that a match by name is another person.';
reset role;
