-- The JSON forms of a report, of the people in it and of its referrals: for those who work on the case, and for its reporter.
set role upstander_owner;

-- Whether the actor, who has read the report under its policy, works on it: whoever did not send it does, since nothing else shows
-- it to them.
create or replace function incident_is_worked_by_actor(p_incident uuid, p_reporter uuid) returns boolean language plpgsql stable as $$
begin
    return p_reporter is distinct from actor() or case_visible(p_incident, null);
end;
$$;

-- What the JSON form of a clock is made of (view referral_clock).
do $$
begin
    if to_regtype('upstander.clock_parts') is null then
        create type upstander.clock_parts as (
            clock text, label text, started_at timestamptz, due_at timestamptz, stopped_at timestamptz, paused_at timestamptz,
            not_applicable boolean, amount integer, unit text, source text);
    end if;
end;
$$;

-- Clocks as they stand. Never for the reporter.
create or replace function clocks_json(p_clocks clock_parts[]) returns text[] language plpgsql stable as $$
declare
    c clock_parts;
    v_now timestamptz := upstander_now();
    v_json text[] := '{}'::text[];
begin
    foreach c in array p_clocks loop
        v_json := v_json || json_with(json_object(array[
                'clock', c.clock, 'label', c.label, 'started_at', instant(c.started_at), 'due_at', instant(c.due_at),
                'stopped_at', instant(c.stopped_at), 'status', clock_status(c.due_at, c.stopped_at, c.paused_at, c.not_applicable, v_now),
                'unit', c.unit, 'source', c.source])::text,
            '"amount" : ' || c.amount || ', "working_days_late" : '
                || coalesce(working_days_late(c.due_at, coalesce(c.stopped_at, v_now))::text, 'null'));
    end loop;
    return v_json;
end;
$$;

create or replace function referral_clocks(p_referral uuid) returns json language plpgsql stable as $$
begin
    return json_list(clocks_json(array(select k.parts from referral_clock k where k.referral_id = p_referral order by k.started_at, k.sort)))::json;
end;
$$;

-- The referrals of a report for somebody who works on the case, each with its clocks; the clocks of all in one list, each with
-- its referral and pathway; and how the case stands by the referrals that are shown to them (incident_status).
create or replace function incident_worked(p_incident uuid, p_reporter uuid, out referrals text, out clocks text, out status text)
language plpgsql stable as $$
declare
    f record;
    v_mine boolean := p_reporter is not distinct from actor();
    v_clock text;
    v_own text[];
    v_referrals text[] := '{}'::text[];
    v_clocks text[] := '{}'::text[];
begin
    for f in
        select r.reference, r.pathway, w.name, r.state, s.label, r.because, r.area, u.name as desk, r.opened_at, r.n,
               r.closed_at is not null as closed,
               -- Somebody of one desk who also reported the case works on their own desk's referral alone.
               case when v_mine then case_visible(p_incident, r.id) else referral_remember(r.id) end as visible,
               array(select k.parts from referral_clock k where k.referral_id = r.id order by k.started_at, k.sort) as clocks
          from referral r
          join pathway w on w.pathway = r.pathway
          join pathway_state s on s.version_id = r.version_id and s.state = r.state
          join unit u on u.id = r.desk_unit_id
         where r.incident_id = p_incident
         order by w.sort, r.reference
    loop
        status := case when f.closed and coalesce(status, 'CLOSED') = 'CLOSED' then 'CLOSED'
                       when f.n > 0 or status <> 'SUBMITTED' then 'IN_PROGRESS' else 'SUBMITTED' end;
        continue when not f.visible;
        v_own := clocks_json(f.clocks);
        v_referrals := v_referrals || json_with(json_object(array[
                'reference', f.reference, 'pathway', f.pathway, 'pathway_name', f.name, 'state', f.state, 'state_label', f.label,
                'because', f.because, 'area', f.area, 'desk', f.desk, 'opened_at', instant(f.opened_at)])::text,
            '"clocks" : ' || json_list(v_own));
        foreach v_clock in array v_own loop
            v_clocks := v_clocks || json_with(v_clock, '"referral" : "' || f.reference || '", "pathway" : "' || f.pathway || '"');
        end loop;
    end loop;
    referrals := json_list(v_referrals);
    clocks := json_list(v_clocks);
end;
$$;

-- What a reporter is told of a referral, and once, with the receipt, of its first step.
create or replace function referral_told(p_pathway text, p_name text, p_label text) returns json language sql stable as $$
    select json_build_object('pathway', p_pathway, 'pathway_name', p_name, 'state_label', p_label)
$$;

create or replace function clock_told(p_pathway text, p_due timestamptz) returns json language sql stable as $$
    select json_build_object('pathway', p_pathway, 'due_at', instant(p_due))
$$;

-- The same in the words that the reporter is told; when the first step of each is due they are told once, with the receipt
-- (p_clocks). Of clocks they read no more.
create or replace function incident_reported(p_incident uuid, p_clocks boolean, out referrals text, out clocks text, out status text)
language plpgsql stable as $$
begin
    select coalesce(json_agg(referral_told(f.pathway, w.name, s.reporter_label) order by w.sort, f.reference), '[]'),
           case when p_clocks then coalesce(json_agg(clock_told(f.pathway, f.due_at) order by f.due_at, f.reference)
                                            filter (where f.due_at < '9999-01-01'), '[]') end
      into referrals, clocks
      from referrals_reported(p_incident) f join pathway w using (pathway)
      join pathway_state s on s.version_id = f.version_id and s.state = f.state;
end;
$$;

-- How a case stands as far as this actor may know: by the referrals that are shown to them, so that a neighbour pathway
-- shows in no status, filter or ETag. What the table says is of all of them (case_status).
create or replace function incident_status(i incident) returns text language plpgsql stable as $$
begin
    return coalesce((select case when bool_and(f.closed_at is not null) then 'CLOSED'
                                 when bool_or(f.n > 0) then 'IN_PROGRESS' else 'SUBMITTED' end
                       from referral f where f.incident_id = i.id having count(*) > 0), i.status);
end;
$$;

-- The people of a report, in order. Who they are is sealed: the envelope's members join the object when it is opened. And what
-- would make the record of them kinder and more exact: a prompt, never a refusal (domain 4.4).
create or replace function people_json(p_people incident_person[], p_wrapped text, out people text, out prompts text) language plpgsql stable as $$
declare
    p incident_person;
    v_people text[] := '{}'::text[];
    v_prompts text[] := '{}'::text[];
begin
    foreach p in array p_people loop
        v_people := v_people || json_with(json_object(array[
                'id', p.id::text, 'role', p.role, 'works_with_children', p.works_with_children, 'workplace_authority', p.workplace_authority,
                'home_authority', p.home_authority, 'looked_after_by', p.looked_after_by, 'care_status', p.care_status, 'religion', p.religion])::text,
            json_sealed(envelope('incident_person', 'details', p.id, p.incident_id, p_wrapped, p.details_sealed)));
        if p.ethnicity_list = 'missingness' and p.ethnicity in ('NOT_ASKED', 'NOT_KNOWN') and p.role not like 'ALLEGED%' then
            v_prompts := v_prompts || json_with('{"code" : "ETHNICITY_NOT_ASKED",'
                ' "message" : "Ask how this person describes their own ethnicity, when it is kind to ask."}', '"person" : ' || p.position);
        elsif p.ethnicity_source in ('OBSERVED', 'PROXY_PROFESSIONAL', 'RECORD') then
            v_prompts := v_prompts || json_with('{"code" : "ETHNICITY_NOT_THEIR_WORDS",'
                ' "message" : "Ethnicity should come from the person or their parent. Check it with them."}', '"person" : ' || p.position);
        end if;
    end loop;
    people := json_list(v_people);
    prompts := json_list(v_prompts);
end;
$$;

-- What the JSON form of an incident is made of besides its own row: read back, or as it was just written.
do $$
begin
    if to_regtype('upstander.incident_parts') is null then
        create type upstander.incident_parts as (
            status text, organisation text, organisation_name text, occurred_at text, wrapped text, strands text, levels text, forms text,
            perceived_by text, people text, prompts text, referrals text, clocks text);
    end if;
end;
$$;

-- The one JSON form of an incident. p_worked: the actor works on the case; otherwise they reported it. p_receipt: the leaf of the
-- event by which it was just filed.
create or replace function incident_form(i incident, v incident_parts, p_worked boolean, p_receipt text) returns text
language plpgsql stable as $$
begin
    return json_with(
        json_object(array[
            'reference', i.reference, 'kind', i.kind, 'status', v.status, 'organisation', v.organisation, 'organisation_name', v.organisation_name,
            'occurred_at_organisation', v.occurred_at, 'occurred_in', i.occurred_in, 'setting', i.setting,
            'occurred_on', to_char(i.occurred_on, 'YYYY-MM-DD'), 'occurred_time', to_char(i.occurred_time, 'HH24:MI'),
            'occurred_precision', i.occurred_precision, 'aware_at', instant(i.aware_at), 'submitted_at', instant(i.submitted_at),
            'direction', i.direction, 'harm', i.harm, 'suspected_offence', i.suspected_offence])::text,
        json_sealed(envelope('incident', 'account', i.id, i.id, v.wrapped, i.account_sealed))
        || ', "immediate_danger" : ' || i.immediate_danger || ', "strands" : ' || coalesce(v.strands, '[]') || ', "levels" : ' || coalesce(v.levels, '[]')
        || ', "forms" : ' || coalesce(v.forms, '[]') || ', "perceived_by" : ' || coalesce(v.perceived_by, '[]')
        || ', "people" : ' || coalesce(v.people, '[]') || ', "prompts" : ' || coalesce(v.prompts, '[]') || ', "language_flags" : []'
        || ', "referrals" : ' || v.referrals
        -- A reporter who reads is told nothing of clocks, not even that there are any.
        || coalesce(', "clocks" : ' || v.clocks, '')
        || ', "worked" : ' || p_worked || ', "mine" : ' || (i.reporter_id is not distinct from actor())
        || ', "can" : {"add" : ' || (v.status <> 'CLOSED' and actor_may('INCIDENT_ADD'))
        || '}, "receipt" : ' || coalesce('{"leaf" : "' || p_receipt || '", "maximum_delay_seconds" : 600}', 'null'));
end;
$$;

-- Reads a report that this actor may see, by its reference or its id, and what its form is made of besides how it stands. Nothing
-- but NULLs where there is none, or none for them.
create or replace function incident_read(p_reference text, p_id uuid, out i incident, out v incident_parts) language plpgsql stable as $$
declare
    w record;
    v_people record;
    v_codes text[]; -- of {list, code as JSON}
    v_strands text[] := '{}'::text[];
    v_levels text[] := '{}'::text[];
    v_forms text[] := '{}'::text[];
    v_perceived_by text[] := '{}'::text[];
begin
    if p_id is null then
        select * into w from incident_whole where reference = p_reference;
    else
        select * into w from incident_whole where id = p_id;
    end if;
    if not found then
        return;
    end if;
    i := w.incident;
    v.organisation := w.organisation;
    v.organisation_name := w.organisation_name;
    if i.occurred_at_organisation_id is not null then
        v.occurred_at := (select slug from organisation where id = i.occurred_at_organisation_id);
    end if;
    v.wrapped := w.wrapped;
    v_codes := w.codes;
    for n in 1 .. coalesce(array_length(v_codes, 1), 0) loop
        case v_codes[n][1]
            when 'racism_strand' then v_strands := v_strands || v_codes[n][2];
            when 'racism_level' then v_levels := v_levels || v_codes[n][2];
            when 'incident_form' then v_forms := v_forms || v_codes[n][2];
            when 'perceived_by' then v_perceived_by := v_perceived_by || v_codes[n][2];
        end case;
    end loop;
    v.strands := json_list(v_strands);
    v.levels := json_list(v_levels);
    v.forms := json_list(v_forms);
    v.perceived_by := json_list(v_perceived_by);
    v_people := people_json(w.people, w.wrapped);
    v.people := v_people.people;
    v.prompts := v_people.prompts;
end;
$$;

-- An incident that was read back, and how it stands as far as this actor may know (incident_status).
create or replace function incident_json(i incident, v incident_parts, p_worked boolean, p_receipt text, out body text, out status text)
language plpgsql stable as $$
declare
    v_told record;
begin
    if p_worked then
        v_told := incident_worked(i.id, i.reporter_id);
    else
        v_told := incident_reported(i.id, p_receipt is not null);
    end if;
    v.referrals := v_told.referrals;
    v.clocks := v_told.clocks;
    v.status := coalesce(v_told.status, i.status);
    body := incident_form(i, v, p_worked, p_receipt);
    status := v.status;
end;
$$;
reset role;
