-- Time: the clock of the product, working days, and the one answer to "when is it due, and how does it stand?".
set role upstander_owner;

-- The time by which everything is judged. Tests put a function of this name into a schema before this one.
create or replace function upstander_now() returns timestamptz language plpgsql volatile as $$
begin
    return clock_timestamp();
end;
$$;

create or replace function site_value(p_key text) returns text language plpgsql stable as $$
begin
    return (select value from site where key = p_key);
end;
$$;

-- Fills working_day for the years that the holidays cover. Returns the number of days.
create or replace function working_day_rebuild(p_division text) returns integer language plpgsql as $$
declare
    v_count integer;
begin
    delete from working_day where division = p_division;
    insert into working_day (division, day, is_working, n)
    select p_division, d::date, w, sum(w::integer) over (order by d)
      from (select make_date(extract(year from min(day))::integer, 1, 1) as first,
                   make_date(extract(year from max(day))::integer, 12, 31) as last
              from holiday where division = p_division) span,
           generate_series(span.first, span.last, interval '1 day') d,
           lateral (select extract(isodow from d) < 6
                           and not exists (select from holiday h where h.division = p_division and h.day = d::date)) as x(w);
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;

-- Takes GOV.UK's bank-holidays.json. Adds what is new and never removes: the live file holds only a few years.
-- Returns the number of holidays added.
create or replace function calendar_import(p_file jsonb) returns integer language plpgsql as $$
declare
    v_added integer;
    v_division text;
begin
    insert into holiday (division, day, title)
    select d.key, (e ->> 'date')::date, e ->> 'title'
      from jsonb_each(p_file) d, jsonb_array_elements(d.value -> 'events') e
        on conflict (division, day) do nothing;
    get diagnostics v_added = row_count;
    if v_added > 0 then
        for v_division in select distinct division from holiday loop
            perform working_day_rebuild(v_division);
        end loop;
    end if;
    return v_added;
end;
$$;

-- The day that lies p_days working days after p_start: the day of receipt is day 0, day 1 the next working day
-- (domain 7.2). Convention B first rolls a receipt on a day off to the next working day; the default A does not.
-- NULL when the calendar does not reach that far: the caller refuses.
create or replace function working_days_add(p_start date, p_days integer, p_convention text default 'A')
returns date language plpgsql stable as $$
declare
    v_division constant text := 'england-and-wales';
    v_n integer;
    v_working boolean;
begin
    select n, is_working into v_n, v_working from working_day where division = v_division and day = p_start;
    return (select day from working_day
             where division = v_division and is_working
               and n = v_n + case when v_working then p_days when p_convention = 'B' then p_days + 1 else greatest(p_days, 1) end);
end;
$$;

-- When a clock that starts at p_start runs out. Working days, days and months end at the close of the London day (site
-- setting due_time); hours are elapsed. Months are calendar months, clamped to the month's end.
create or replace function clock_due(p_start timestamptz, p_amount integer, p_unit text)
returns timestamptz language plpgsql stable as $$
declare
    v_start date := (p_start at time zone 'Europe/London')::date;
    v_day date;
    v_time time;
    v_convention text;
begin
    if p_unit = 'HOURS' then
        return p_start + make_interval(hours => p_amount);
    end if;
    select (max(value) filter (where key = 'due_time'))::time, max(value) filter (where key = 'receipt_convention')
      into v_time, v_convention from site where key in ('due_time', 'receipt_convention');
    v_day := case p_unit
        when 'WORKING_DAYS' then working_days_add(v_start, p_amount, coalesce(v_convention, 'A'))
        when 'DAYS' then v_start + p_amount
        when 'MONTHS' then (v_start + make_interval(months => p_amount))::date
    end;
    if v_day is null then
        raise exception 'the calendar does not reach % % after %', p_amount, p_unit, v_start using errcode = 'UP003';
    end if;
    return (v_day + coalesce(v_time, '23:59:59')) at time zone 'Europe/London';
end;
$$;

-- How many working days after its own day something due is (or was) answered: 0 on the same day, on a day off behind it, or
-- before. NULL where nothing is due.
create or replace function working_days_late(p_due timestamptz, p_at timestamptz) returns integer language plpgsql stable as $$
declare
    v_division constant text := 'england-and-wales';
begin
    if p_due is null or p_at <= p_due then
        return case when p_due is not null then 0 end;
    end if;
    return (select b.n - a.n from working_day a, working_day b
             where a.division = v_division and a.day = (p_due at time zone 'Europe/London')::date
               and b.division = v_division and b.day = (p_at at time zone 'Europe/London')::date);
end;
$$;

-- How a clock stands (domain 9, clock_status). Pages, API, reports and reminders all ask this function.
create or replace function clock_status(p_due timestamptz, p_stopped timestamptz, p_paused timestamptz,
                                        p_not_applicable boolean, p_now timestamptz)
returns text language sql immutable as $$
    select case
        when p_not_applicable then 'NOT_APPLICABLE'
        when p_stopped is not null and p_stopped <= p_due then 'MET'
        when p_stopped is not null then 'MET_LATE'
        when p_paused is not null then 'PAUSED'
        when p_now > p_due then 'BREACHED'
        else 'RUNNING'
    end
$$;
reset role;
