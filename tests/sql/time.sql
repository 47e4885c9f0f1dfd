-- Working days, deadlines and how a clock stands (domain 7.2).
select no_plan();
set role upstander_serve;

select is(working_days_add(start, days, convention), due,
          format('%s working days after %s are over on %s by convention %s', days, start, due, convention))
  from (values
    (date '2024-03-28', 1, 'A', date '2024-04-02'), ('2024-03-28', 1, 'B', '2024-04-02'),
    ('2024-12-23', 5, 'A', '2025-01-02'), ('2024-12-23', 5, 'B', '2025-01-02'),
    ('2026-12-24', 1, 'A', '2026-12-29'), ('2026-12-24', 1, 'B', '2026-12-29'),
    ('2022-06-01', 1, 'A', '2022-06-06'), ('2022-06-01', 1, 'B', '2022-06-06'),
    ('2024-03-29', 1, 'A', '2024-04-02'), ('2024-03-29', 1, 'B', '2024-04-03'),
    ('2022-09-16', 1, 'A', '2022-09-20'), ('2023-05-05', 1, 'A', '2023-05-09'), ('2022-06-02', 15, 'A', '2022-06-24'),
    ('2024-02-28', 1, 'A', '2024-02-29'), ('2024-02-29', 1, 'A', '2024-03-01'), ('2023-02-28', 1, 'A', '2023-03-01'),
    ('2026-11-20', 1, 'A', '2026-11-23'), ('2026-11-21', 1, 'A', '2026-11-23'), ('2026-11-22', 1, 'A', '2026-11-23'),
    ('2026-11-20', 1, 'B', '2026-11-23'), ('2026-11-21', 1, 'B', '2026-11-24'), ('2026-11-22', 1, 'B', '2026-11-24'),
    ('2026-11-20', 0, 'A', '2026-11-20'), ('2026-11-21', 0, 'A', '2026-11-23'), ('2026-11-20', 0, 'B', '2026-11-20'),
    ('2026-11-21', 0, 'B', '2026-11-23')) v(start, days, convention, due);

select is(working_days_add('2028-12-29', 1), null, 'a day past the calendar has no deadline');
select is(working_days_add('2011-12-30', 1), null, 'a day before the calendar has no deadline');

-- Every day of the calendar, by both conventions.
select is((select count(*) from generate_series(date '2012-01-01', '2028-11-01', '1 day') d, unnest(array[0, 1, 5, 15]) days,
                  lateral (select working_days_add(d::date, days, convention)) w(due)
            where due is null or due < d or extract(isodow from due) > 5
               or exists (select from holiday h where h.division = 'england-and-wales' and h.day = due)), 0::bigint,
          format('by convention %s no deadline falls before its start, on a weekend or on a holiday', convention))
  from unnest(array['A', 'B']) convention;
select is((select count(*) from generate_series(date '2012-01-01', '2028-11-01', '1 day') d, unnest(array[1, 2, 5, 10]) days
            where working_days_add(d::date, days, convention) >= working_days_add(d::date, days + 1, convention)), 0::bigint,
          format('by convention %s one working day more is always later', convention))
  from unnest(array['A', 'B']) convention;
select is((select count(*) from generate_series(date '2012-01-01', '2028-11-01', '1 day') d, unnest(array[0, 1, 5]) days
            where working_days_add(d::date, days, convention) > working_days_add(d::date + 1, days, convention)), 0::bigint,
          format('by convention %s a later start is never due earlier', convention))
  from unnest(array['A', 'B']) convention;
select is((select count(*) from generate_series(date '2012-01-01', '2028-11-01', '1 day') d
            where working_days_add(working_days_add(d::date, 3), 4) <> working_days_add(d::date, 7)), 0::bigint,
          'three working days and four more are seven');
select is((select count(*) from working_day w where w.division = 'england-and-wales' and w.is_working
              and working_days_add(w.day, 5) <> working_days_add(w.day, 5, 'B') and w.day < '2028-11-01'), 0::bigint,
          'the conventions agree on every working day');

select is(to_char(clock_due(start::timestamptz, amount, unit) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), due,
          format('%s %s after %s are over at %s UTC', amount, unit, start, due))
  from (values
    -- A day ends at 23:59:59 in London, whatever the season.
    ('2026-01-15 10:00+00', 1, 'WORKING_DAYS', '2026-01-16 23:59:59'),
    ('2026-07-15 10:00+00', 1, 'WORKING_DAYS', '2026-07-16 22:59:59'),
    ('2026-07-15 23:30+00', 1, 'WORKING_DAYS', '2026-07-17 22:59:59'), -- it is the 16th in London
    ('2024-03-29 12:00+00', 1, 'WORKING_DAYS', '2024-04-02 22:59:59'),
    ('2024-03-30 12:00+00', 1, 'DAYS', '2024-03-31 22:59:59'),
    ('2024-10-26 12:00+01', 1, 'DAYS', '2024-10-27 23:59:59'),
    ('2024-10-25 12:00+01', 1, 'WORKING_DAYS', '2024-10-28 23:59:59'),
    -- Hours are elapsed, also over the hour that is left out or repeated.
    ('2024-03-30 12:00+00', 24, 'HOURS', '2024-03-31 12:00:00'),
    ('2024-03-31 00:30+00', 1, 'HOURS', '2024-03-31 01:30:00'),
    ('2024-10-26 12:00+01', 24, 'HOURS', '2024-10-27 11:00:00'),
    ('2024-10-27 00:30+01', 4, 'HOURS', '2024-10-27 03:30:00'),
    ('2026-12-25 10:00+00', 4, 'HOURS', '2026-12-25 14:00:00'),
    -- Months are calendar months and end with the month.
    ('2024-01-31 10:00+00', 1, 'MONTHS', '2024-02-29 23:59:59'),
    ('2023-01-31 10:00+00', 1, 'MONTHS', '2023-02-28 23:59:59'),
    ('2023-01-30 10:00+00', 1, 'MONTHS', '2023-02-28 23:59:59'),
    ('2024-08-31 10:00+00', 6, 'MONTHS', '2025-02-28 23:59:59'),
    ('2024-02-29 10:00+00', 12, 'MONTHS', '2025-02-28 23:59:59'),
    ('2024-05-31 10:00+01', 1, 'MONTHS', '2024-06-30 22:59:59')) v(start, amount, unit, due);
select throws_ok($$ select clock_due('2028-12-29 10:00+00', 5, 'WORKING_DAYS') $$, 'UP003', null,
                 'a deadline past the calendar is refused, not guessed');

select is(clock_status(due, stopped, paused, not_applicable, '2026-06-10 12:00+00'), status,
          format('due %s, stopped %s, paused %s, not applicable %s: %s', due, coalesce(stopped::text, 'never'),
                 coalesce(paused::text, 'never'), not_applicable, status))
  from (select t.*, case when not_applicable then 'NOT_APPLICABLE'
                         when stopped = '2026-06-10 10:00+00' then case when due >= '2026-06-10 10:00+00' then 'MET' else 'MET_LATE' end
                         when paused is not null then 'PAUSED'
                         when due < '2026-06-10 12:00+00' then 'BREACHED'
                         else 'RUNNING' end as status
          from (select due::timestamptz, stopped::timestamptz, paused::timestamptz, not_applicable
                  from unnest(array['2026-06-10 09:59:59+00', '2026-06-10 10:00+00', '2026-06-10 11:59:59+00', '2026-06-10 12:00+00',
                                    '2026-06-10 12:00:01+00']) due,
                       unnest(array[null, '2026-06-10 10:00+00']) stopped, unnest(array[null, '2026-06-10 09:00+00']) paused,
                       unnest(array[false, true]) not_applicable) t) v;

-- The site's own choices.
reset role;
update site set value = '17:00:00' where key = 'due_time';
select is(clock_due('2026-07-15 10:00+00', 1, 'WORKING_DAYS'), '2026-07-16 17:00+01'::timestamptz, 'the day may end with the office');
update site set value = 'B' where key = 'receipt_convention';
select is(clock_due('2024-03-29 10:00+00', 1, 'WORKING_DAYS'), '2024-04-03 17:00+01'::timestamptz, 'the partnership may choose convention B');

-- The calendar grows and never shrinks.
set role upstander_owner;
select is((select count(*) from holiday where division = 'england-and-wales' and extract(year from day) = year), days,
          format('%s has %s holidays', year, days))
  from (values (2012, 9::bigint), (2020, 8), (2022, 10), (2023, 9), (2024, 8), (2025, 8), (2026, 8), (2027, 8), (2028, 8)) v(year, days);
\set calendar `cat ../../config/calendars/bank-holidays.json`
select is(calendar_import(:'calendar'), 0, 'the same calendar again adds nothing');
select is(working_days_add('2026-11-19', 1), date '2026-11-20', 'before a new holiday the next day is a Friday');
select is(calendar_import('{"england-and-wales": {"division": "england-and-wales",
                            "events": [{"title": "A day of mourning", "date": "2026-11-20", "notes": "", "bunting": false}]}}'), 1,
          'a new holiday is added');
select is(working_days_add('2026-11-19', 1), date '2026-11-23', 'and deadlines move past it');
select is((select count(*) from holiday where day = '2012-01-02' and division = 'england-and-wales'), 1::bigint,
          'what a shorter file leaves out stays');
select is((select count(*) from working_day w where division = 'england-and-wales'),
          (date '2028-12-31' - date '2012-01-01' + 1)::bigint, 'every day from the first year to the last is there');
select * from finish();
