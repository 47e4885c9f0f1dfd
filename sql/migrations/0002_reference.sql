-- Reference data: code lists, authorities, the working-day calendar, site settings.
set role upstander_owner;
set search_path = upstander, pg_catalog;

create table code_list (
    list  text primary key check (list ~ '^[a-z][a-z0-9_]*$'),
    about text not null
);
comment on table code_list is 'The enumerations of the domain; each code is a row of code.';

create table code (
    list        text not null references code_list,
    code        text not null check (code ~ '^[A-Z0-9_]{1,60}$'),
    labels      jsonb not null check (labels ? 'en'),
    hint        text,
    sort        integer not null,
    valid_from  date not null default '2020-01-01',
    valid_to    date,
    source      text,
    verified_on date,
    primary key (list, code)
);
comment on table code is 'One code of a list, its label by language, and where and when it was taken from guidance.';

create table area (
    area text primary key check (area ~ '^[A-Z][0-9]{2}([0-9]{6})?$'),
    name text not null,
    in_partnership boolean not null default false
);
comment on table area is 'Local authorities, by ONS code; the demonstration''s own begin with X.';

create table holiday (
    division text not null,
    day      date not null,
    title    text not null,
    primary key (division, day)
);
comment on table holiday is 'Bank holidays in the shape of GOV.UK''s bank-holidays.json. Rows are added, never replaced.';

create table working_day (
    division   text not null,
    day        date not null,
    is_working boolean not null,
    n          integer not null, -- working days from the start of the calendar up to and including this day
    primary key (division, day)
);
create unique index working_day_by_number on working_day (division, n) include (day) where is_working;
comment on table working_day is 'Every day of the calendar with its running number of working days, so that a deadline is one look-up. Filled from holiday.';

create table site (
    key   text primary key,
    value text not null,
    about text not null
);
comment on table site is 'Settings of the partnership that the database itself must know: the demonstration''s mark, idle limit, deadline convention.';
reset role;
