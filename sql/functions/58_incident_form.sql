-- The JSON forms of a report, of the people in it and of its referrals: for those who work on the case, and for its reporter.
set role upstander_owner;

-- Whether the actor sees the case as one who works on it; the reporter alone sees less.
create or replace function incident_is_worked_by_actor(p_incident uuid) returns boolean language plpgsql stable as $$
begin
    return case_visible(p_incident, null);
end;
$$;

-- The clocks of a referral as they stand. Never for the reporter.
create or replace function referral_clocks(p_referral uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(c.body order by c.started_at, c.sort), '[]') from referral_clock c where c.referral_id = p_referral);
end;
$$;

-- The referrals of a report for somebody who works on the case, each with its clocks; the clocks of all in one list, each with
-- its referral and pathway; and how the case stands by the referrals that are shown to them (incident_status). Aggregates read
-- subqueries that are in order, since a few rows sort faster there than in each aggregate.
create or replace function incident_worked(p_incident uuid, out referrals json, out clocks json, out status text)
language plpgsql stable as $$
begin
    select coalesce(json_agg(json_build_object(
               'reference', f.reference, 'pathway', f.pathway, 'pathway_name', f.name, 'state', f.state, 'state_label', f.label,
               'because', f.because, 'area', f.area, 'desk', f.desk, 'opened_at', instant(f.opened_at),
               'clocks', coalesce(f.own, '[]'))) filter (where f.visible), '[]'),
           ('[' || coalesce(string_agg(f.listed, ', '), '') || ']')::json,
           case when bool_and(f.closed) then 'CLOSED' when bool_or(f.n > 0) then 'IN_PROGRESS' when count(*) > 0 then 'SUBMITTED' end
      into referrals, clocks, status
      from (select f.reference, f.pathway, w.name, f.state, s.label, f.because, f.area, o.name as desk, f.opened_at, f.n,
                   f.closed_at is not null as closed, v.visible, c.own, c.listed
              from referral f
             -- Somebody of one desk who also reported the case works on their own desk's referral alone.
             cross join lateral (select case_visible(p_incident, f.id) offset 0) v (visible)
              join pathway w on w.pathway = f.pathway
              join pathway_state s on s.version_id = f.version_id and s.state = f.state
              join unit u on u.id = f.desk_unit_id join organisation o on o.id = u.organisation_id
              left join lateral (
                  select json_agg(k.body) as own,
                         string_agg('{"referral" : "' || f.reference || '", "pathway" : "' || f.pathway || '", ' || substr(k.body::text, 2), ', ') as listed
                    from (select k.body from referral_clock k where k.referral_id = f.id order by k.started_at, k.sort) k) c on v.visible
             where f.incident_id = p_incident
             order by w.sort, f.reference) f;
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
create or replace function incident_reported(p_incident uuid, p_clocks boolean, out referrals json, out clocks json, out status text)
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

-- What would make the record of a person kinder and more exact, or NULL: a prompt, never a refusal (domain 4.4).
create or replace function person_prompt(p incident_person) returns json language plpgsql stable as $$
begin
    if p.ethnicity_list = 'missingness' and p.ethnicity in ('NOT_ASKED', 'NOT_KNOWN') and p.role not like 'ALLEGED%' then
        return json_build_object('person', p.position, 'code', 'ETHNICITY_NOT_ASKED', 'message',
                                 'Ask how this person describes their own ethnicity, when it is kind to ask.');
    elsif p.ethnicity_source in ('OBSERVED', 'PROXY_PROFESSIONAL', 'RECORD') then
        return json_build_object('person', p.position, 'code', 'ETHNICITY_NOT_THEIR_WORDS', 'message',
                                 'Ethnicity should come from the person or their parent. Check it with them.');
    end if;
    return null;
end;
$$;

-- A person of a report. Who they are is sealed: the envelope's members join the object when it is opened.
create or replace function person_body(p incident_person, p_wrapped text) returns json language plpgsql stable as $$
begin
    return json_build_object(
        'id', p.id, 'role', p.role, 'works_with_children', p.works_with_children, 'workplace_authority', p.workplace_authority,
        'home_authority', p.home_authority, 'looked_after_by', p.looked_after_by, 'care_status', p.care_status, 'religion', p.religion,
        '$sealed', envelope('incident_person', 'details', p.id, p.incident_id, p_wrapped, p.details_sealed));
end;
$$;

-- What the JSON form of an incident is made of besides its own row: read back, or as it was just written.
do $$
begin
    if to_regtype('upstander.incident_parts') is null then
        create type upstander.incident_parts as (
            status text, organisation text, organisation_name text, occurred_at text, wrapped text, strands json, levels json, forms json,
            perceived_by json, people json, prompts json, referrals json, clocks json);
    end if;
end;
$$;

-- The one JSON form of an incident. p_worked: the actor works on the case; otherwise they reported it. p_receipt: the leaf of the
-- event by which it was just filed.
create or replace function incident_form(i incident, v incident_parts, p_worked boolean, p_receipt text) returns text
language plpgsql stable as $$
declare
    v_form json := json_build_object(
        'reference', i.reference, 'kind', i.kind, 'status', v.status, 'organisation', v.organisation, 'organisation_name', v.organisation_name,
        'occurred_at_organisation', v.occurred_at, 'occurred_in', i.occurred_in, 'setting', i.setting, 'occurred_on', i.occurred_on,
        'occurred_time', to_char(i.occurred_time, 'HH24:MI'), 'occurred_precision', i.occurred_precision,
        'aware_at', instant(i.aware_at), 'submitted_at', instant(i.submitted_at), 'direction', i.direction, 'harm', i.harm,
        'suspected_offence', i.suspected_offence, 'immediate_danger', i.immediate_danger,
        'strands', coalesce(v.strands, '[]'), 'levels', coalesce(v.levels, '[]'),
        'forms', coalesce(v.forms, '[]'), 'perceived_by', coalesce(v.perceived_by, '[]'),
        '$sealed', envelope('incident', 'account', i.id, i.id, v.wrapped, i.account_sealed),
        'people', coalesce(v.people, '[]'), 'referrals', v.referrals,
        'prompts', coalesce(v.prompts, '[]'), 'language_flags', json_build_array(),
        'worked', p_worked, 'mine', i.reporter_id = actor(),
        'can', json_build_object('add', v.status <> 'CLOSED' and actor_may('INCIDENT_ADD')),
        'receipt', case when p_receipt is not null then json_build_object('leaf', p_receipt, 'maximum_delay_seconds', 600) end);
begin
    -- A reporter who reads is told nothing of clocks, not even that there are any.
    return case when v.clocks is null then v_form::text else objects_joined(json_build_object('clocks', v.clocks), v_form) end;
end;
$$;

-- An incident read back, and how it stands as far as this actor may know (incident_status).
create or replace function incident_json(i incident, p_worked boolean, p_receipt text, out body text, out status text)
language plpgsql stable as $$
declare
    v incident_parts;
    v_told record;
begin
    if p_worked then
        v_told := incident_worked(i.id);
    else
        v_told := incident_reported(i.id, p_receipt is not null);
    end if;
    v.referrals := v_told.referrals;
    v.clocks := v_told.clocks;
    v.status := coalesce(v_told.status, i.status);
    select o.slug, o.name, a.slug, k.wrapped into v.organisation, v.organisation_name, v.occurred_at, v.wrapped
      from organisation o join data_key k on k.owner_id = i.id left join organisation a on a.id = i.occurred_at_organisation_id
     where o.id = i.organisation_id;
    select json_agg(c.code) filter (where c.list = 'racism_strand'), json_agg(c.code) filter (where c.list = 'racism_level'),
           json_agg(c.code) filter (where c.list = 'incident_form'), json_agg(c.code) filter (where c.list = 'perceived_by')
      into v.strands, v.levels, v.forms, v.perceived_by
      from (select x.list, x.code from incident_code x where x.incident_id = i.id order by x.list, x.code) c;
    select json_agg(person_body(person.row, v.wrapped)), json_agg(q.prompt) filter (where q.prompt is not null) into v.people, v.prompts
      from (select p from incident_person p where p.incident_id = i.id order by p.position) person (row),
           lateral (select person_prompt(person.row) offset 0) q (prompt);
    body := incident_form(i, v, p_worked, p_receipt);
    status := v.status;
end;
$$;
reset role;
