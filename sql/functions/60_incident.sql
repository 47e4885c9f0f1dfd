-- Reports: filing, reading, adding to.
set role upstander_owner;

-- Whether the actor sees the case as one who works on it; the reporter alone sees less.
create or replace function incident_is_worked_by_actor(p_incident uuid) returns boolean language plpgsql stable as $$
begin
    return not exists (select from case_exclusion x where x.incident_id = p_incident and x.account_id = actor() and x.cleared_at is null)
       and exists (select from case_access a where a.incident_id = p_incident
                      and (a.unit_id = any (actor_units()) or a.account_id = actor())
                      and (a.until is null or a.until > clock_timestamp()));
end;
$$;

-- The clocks of a referral as they stand. Never for the reporter.
create or replace function referral_clocks(p_referral uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(c.body order by c.started_at, c.sort), '[]') from referral_clock c where c.referral_id = p_referral);
end;
$$;

-- The referrals of a report, for the case (p_worked) or in the words that the reporter is told.
create or replace function incident_referrals(p_incident uuid, p_worked boolean) returns json language plpgsql stable as $$
begin
    if p_worked then
        return (select coalesce(json_agg(json_build_object(
                    'reference', f.reference, 'pathway', f.pathway, 'pathway_name', w.name, 'state', f.state, 'state_label', s.label,
                    'because', f.because, 'area', f.area, 'desk', o.name, 'opened_at', instant(f.opened_at),
                    'clocks', (select coalesce(json_agg(c.body order by c.started_at, c.sort), '[]')
                                 from referral_clock c where c.referral_id = f.id)) order by w.sort, f.reference), '[]')
                  from referral f join pathway w using (pathway)
                  join pathway_state s on s.version_id = f.version_id and s.state = f.state
                  join unit u on u.id = f.desk_unit_id join organisation o on o.id = u.organisation_id
                 -- Somebody of one desk who also reported the case works on their own desk's referral alone.
                 where f.incident_id = p_incident and case_visible(p_incident, f.id));
    end if;
    return (select coalesce(json_agg(json_build_object('pathway', f.pathway, 'pathway_name', w.name,
                                                       'state_label', s.reporter_label) order by w.sort, f.reference), '[]')
              from referrals_reported(p_incident) f join pathway w using (pathway)
              join pathway_state s on s.version_id = f.version_id and s.state = f.state);
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

-- The clocks of all referrals that are shown, in one list, as a member to be joined to the others. Its reporter is told once,
-- with the receipt, when the first step of each is due; of clocks they read no more.
create or replace function incident_clocks(p_incident uuid, p_worked boolean, p_receipt text, p_referrals json) returns text
language plpgsql stable as $$
begin
    if p_worked then
        return (select ', "clocks" : ' || coalesce(json_agg(jsonb_build_object('referral', f -> 'reference', 'pathway', f -> 'pathway') || c::jsonb), '[]')
                  from json_array_elements(p_referrals) f, json_array_elements(f -> 'clocks') c);
    elsif p_receipt is null then
        return '';
    end if;
    return (select ', "clocks" : ' || coalesce(json_agg(json_build_object('pathway', f.pathway, 'due_at', instant(f.due_at))
                                                        order by f.due_at, f.reference), '[]')
              from referrals_reported(p_incident) f where f.due_at < '9999-01-01');
end;
$$;

-- What belongs to a report, in one statement: the wrapped key, the codes by list, the people (who they are is sealed; the
-- envelope's members join the object when it is opened), and what would make the record kinder and more exact: prompts, never
-- refusals (domain 4.4).
create or replace function incident_parts(p_incident uuid, out wrapped text, out codes json, out people json, out prompts json)
language plpgsql stable as $$
begin
    select k.wrapped,
           (select json_object_agg(c.list, c.codes) from (select list, json_agg(code order by code) as codes from incident_code
                                                           where incident_id = p_incident group by list) c),
           (select coalesce(json_agg(json_build_object(
                       'id', p.id, 'role', p.role, 'works_with_children', p.works_with_children,
                       'workplace_authority', p.workplace_authority, 'home_authority', p.home_authority,
                       'looked_after_by', p.looked_after_by, 'care_status', p.care_status, 'religion', p.religion,
                       '$sealed', envelope('incident_person', 'details', p.id, p_incident, k.wrapped, p.details_sealed))
                       order by p.position), '[]')
              from incident_person p where p.incident_id = p_incident),
           (select coalesce(json_agg(json_build_object('person', p.position, 'code', x.code, 'message', x.message) order by p.position), '[]')
              from incident_person p,
                   lateral (values
                       ('ETHNICITY_NOT_ASKED', 'Ask how this person describes their own ethnicity, when it is kind to ask.',
                        p.ethnicity_list = 'missingness' and p.ethnicity in ('NOT_ASKED', 'NOT_KNOWN')
                        and p.role not like 'ALLEGED%'),
                       ('ETHNICITY_NOT_THEIR_WORDS', 'Ethnicity should come from the person or their parent. Check it with them.',
                        p.ethnicity_source in ('OBSERVED', 'PROXY_PROFESSIONAL', 'RECORD'))) x(code, message, holds)
             where p.incident_id = p_incident and x.holds)
      into wrapped, codes, people, prompts
      from data_key k where k.owner_id = p_incident;
end;
$$;

-- The one JSON form of an incident. p_worked: the actor works on the case; otherwise they reported it.
create or replace function incident_body(i incident, p_worked boolean, p_receipt text default null) returns text
language plpgsql stable as $$
declare
    v record;
    v_referrals json := incident_referrals(i.id, p_worked);
    o organisation;
begin
    select * into v from incident_parts(i.id);
    select * into o from organisation where id = i.organisation_id;
    return left(json_build_object(
        'reference', i.reference, 'kind', i.kind, 'status', i.status,
        'organisation', o.slug, 'organisation_name', o.name,
        'occurred_at_organisation', (select slug from organisation where id = i.occurred_at_organisation_id),
        'occurred_in', i.occurred_in, 'setting', i.setting, 'occurred_on', i.occurred_on,
        'occurred_time', to_char(i.occurred_time, 'HH24:MI'), 'occurred_precision', i.occurred_precision,
        'aware_at', instant(i.aware_at), 'submitted_at', instant(i.submitted_at), 'direction', i.direction, 'harm', i.harm,
        'suspected_offence', i.suspected_offence, 'immediate_danger', i.immediate_danger,
        'strands', coalesce(v.codes -> 'racism_strand', '[]'), 'levels', coalesce(v.codes -> 'racism_level', '[]'),
        'forms', coalesce(v.codes -> 'incident_form', '[]'), 'perceived_by', coalesce(v.codes -> 'perceived_by', '[]'),
        '$sealed', envelope('incident', 'account', i.id, i.id, v.wrapped, i.account_sealed),
        'people', v.people, 'referrals', v_referrals,
        'prompts', v.prompts, 'language_flags', json_build_array(),
        'worked', p_worked, 'mine', i.reporter_id = actor(),
        'can', json_build_object('add', i.status <> 'CLOSED' and actor_may('INCIDENT_ADD')),
        'receipt', case when p_receipt is not null then json_build_object('leaf', p_receipt, 'maximum_delay_seconds', 600) end)::text, -1)
        || incident_clocks(i.id, p_worked, p_receipt, v_referrals) || '}';
end;
$$;

-- The ETag of a referral is its own position, not its case's: a neighbour pathway that this actor may not know of must not show.
create or replace function etag_of(p_n integer) returns text language sql immutable as $$
    select p_n::text
$$;

create or replace function incident_etag(i incident) returns text language sql immutable as $$
    select lower(i.status)
$$;

-- A constraint said no: C turns its name into field and message (src/db/sqlstate.c). Anything else is a fault and stays one.
create or replace function reply_refused(p_sqlstate text, p_constraint text) returns reply language sql immutable as $$
    select row ('invalid', json_build_object('sqlstate', p_sqlstate, 'constraint', p_constraint)::text, null, null)::reply
$$;

-- What an Idempotency-Key says: NULL to go on, or the reply of the first try, "in_progress", or "mismatch".
create or replace function idempotency_check(p_key text, p_hash text, inout p_object uuid, inout p_receipt text, out outcome text)
language plpgsql as $$
declare
    v idempotency;
begin
    if p_key is null then
        return;
    end if;
    if not pg_try_advisory_xact_lock(hashtextextended(actor()::text || p_key, 0)) then
        outcome := 'in_progress';
        return;
    end if;
    -- Kept for 24 hours and until it is swept; as long as it is there, it counts.
    select * into v from idempotency where account_id = actor() and key = p_key;
    if found then
        outcome := case when v.hash = p_hash then 'replayed' else 'mismatch' end;
        p_object := v.object_id;
        p_receipt := v.receipt;
    end if;
end;
$$;

create or replace function reply_idempotency(p_outcome text) returns reply language plpgsql immutable as $$
begin
    if p_outcome = 'mismatch' then
        return reply_of('invalid', '{"problem": "key_reused"}');
    end if;
    return reply_of(p_outcome);
end;
$$;

-- The retention that a report is under from its first row: a class, a day that it runs from, a day that it is due.
create or replace function retention_of(p_class text, p_youngest_age integer, p_on date, out from_day date, out due date)
language plpgsql stable as $$
begin
    select case when r.basis = 'BIRTH_OF_YOUNGEST_CHILD' and p_youngest_age is not null
                then (p_on - make_interval(years => p_youngest_age))::date else p_on end,
           case when r.basis = 'BIRTH_OF_YOUNGEST_CHILD' and p_youngest_age is not null
                then (p_on - make_interval(years => p_youngest_age))::date else p_on end
           + make_interval(years => r.years, days => r.days)
      into from_day, due from retention_class r where r.class = p_class;
end;
$$;

-- Files a report: C has checked every member of p_facts and sealed what is confidential (src/incident/file.c). Returns
-- 'created' with the incident as its reporter sees it.
create or replace function incident_file(p_id uuid, p_reference text, p_key text, p_hash text, p_facts jsonb)
returns reply language plpgsql as $$
declare
    i incident;
    v_idempotency record;
    v_event record;
    v_now timestamptz := upstander_now();
    v_location text := '/incidents/' || p_reference;
    v_sqlstate text;
    v_constraint text;
begin
    if not actor_may('INCIDENT_CREATE') then
        return reply_of('denied');
    end if;
    select * into v_idempotency from idempotency_check(p_key, p_hash, null, null);
    if v_idempotency.outcome = 'replayed' then
        select * into i from incident where id = v_idempotency.p_object;
        if not found then
            return reply_absent('incident'); -- the reporter has declared a conflict since
        end if;
        i.status := incident_status(i);
        return reply_of('replayed', incident_body(i, false, v_idempotency.p_receipt), incident_etag(i), '/incidents/' || i.reference);
    elsif v_idempotency.outcome is not null then
        return reply_idempotency(v_idempotency.outcome);
    end if;
    begin
        i.id := p_id;
        i.reference := p_reference;
        select o.id into i.organisation_id from organisation o
          join role_grant g on g.organisation_id = o.id and g.account_id = actor()
         where o.slug = p_facts ->> 'organisation' and grant_counts(g) limit 1;
        if i.organisation_id is null then
            return reply_fault('/organisation', 'not_yours', 'Choose an organisation that you report for');
        end if;
        if p_facts ? 'occurred_at_organisation' then
            select id into i.occurred_at_organisation_id from organisation where slug = p_facts ->> 'occurred_at_organisation';
            if i.occurred_at_organisation_id is null then
                return reply_fault('/occurred_at_organisation', 'unknown_organisation', 'Choose an organisation from the list');
            end if;
        end if;
        i.kind := p_facts ->> 'kind';
        i.status := 'SUBMITTED';
        i.reporter_id := actor();
        i.occurred_in := p_facts ->> 'occurred_in';
        i.setting := p_facts ->> 'setting';
        i.occurred_on := (p_facts ->> 'occurred_on')::date;
        i.occurred_time := (p_facts ->> 'occurred_time')::time;
        i.occurred_precision := p_facts ->> 'occurred_precision';
        i.submitted_at := v_now;
        i.aware_at := coalesce((p_facts ->> 'aware_at')::timestamptz, v_now);
        i.direction := p_facts ->> 'direction';
        i.harm := p_facts ->> 'harm';
        i.suspected_offence := p_facts ->> 'suspected_offence';
        i.immediate_danger := (p_facts ->> 'immediate_danger')::boolean;
        i.account_sealed := p_facts ->> 'account_sealed';
        i.setting_list := 'setting';
        i.direction_list := 'direction';
        i.case_n := 1;
        i.legal_hold := false;
        -- Where nobody is named a child may be concerned all the same.
        i.retention_class := case when p_facts ? 'youngest_age' or p_facts -> 'people' = '[]'
                                    or jsonb_path_exists(p_facts, '$.people[*] ? (@.role like_regex "CHILD$|^SIBLING$")')
                                  then 'INCIDENT' else 'INCIDENT_ADULTS' end;
        select r.from_day, r.due into i.retention_from, i.retention_due
          from retention_of(i.retention_class, (p_facts ->> 'youngest_age')::integer, (v_now at time zone 'Europe/London')::date) r;

        select * into v_event from audit_append('CREATE', 'incident ' || p_id, p_id, true, null, p_facts::text);
        insert into incident values (i.*);
        insert into data_key (owner_id, wrapped) values (p_id, p_facts ->> 'wrapped');
        insert into incident_code (incident_id, list, code)
        select p_id, l.list, c from (values ('racism_strand', 'strands'), ('racism_level', 'levels'), ('incident_form', 'forms'),
                                            ('perceived_by', 'perceived_by')) l(list, member),
               jsonb_array_elements_text(p_facts -> l.member) c;
        insert into incident_person (id, incident_id, position, role, details_sealed, ethnicity_list, ethnicity, ethnicity_source,
            religion, works_with_children, workplace_id, workplace_authority, home_authority, looked_after_by, care_status, age,
            name_index, name_ends_index, name_birth_index, email_index)
        select (p ->> 'id')::uuid, p_id, n - 1, p ->> 'role', p ->> 'sealed', p ->> 'ethnicity_list', p ->> 'ethnicity',
               p ->> 'ethnicity_source', p ->> 'religion', p ->> 'works_with_children',
               (select id from organisation where slug = p ->> 'workplace'), p ->> 'workplace_authority', p ->> 'home_authority',
               p ->> 'looked_after_by', p ->> 'care_status', (p ->> 'age')::smallint,
               p ->> 'name_index', p ->> 'name_ends_index', p ->> 'name_birth_index', p ->> 'email_index'
          from jsonb_array_elements(p_facts -> 'people') with ordinality x(p, n);
        perform case_open(i, p_facts);
        select status into i.status from incident where id = p_id; -- what is sent at once is in progress
        if p_key is not null then
            insert into idempotency (account_id, key, hash, object_id, location, receipt)
            values (actor(), p_key, p_hash, p_id, v_location, encode(v_event.leaf_hash, 'hex'));
        end if;
    exception
        when integrity_constraint_violation then
            get stacked diagnostics v_sqlstate = returned_sqlstate, v_constraint = constraint_name;
            return reply_refused(v_sqlstate, v_constraint);
        when sqlstate 'UP003' then
            return reply_fault('/aware_at', 'outside_calendar', 'This date is outside the years that the calendar covers');
    end;
    return reply_of('created', incident_body(i, false, encode(v_event.leaf_hash, 'hex')), incident_etag(i), v_location);
end;
$$;

-- What a reply says of a thing that is not there or not for this actor: the two are one answer and leave one event.
create or replace function reply_absent(p_object text) returns reply language plpgsql as $$
begin
    if actor() is null then
        return reply_of('denied'); -- the context refused; it has left its event already
    end if;
    perform audit_append('DENY', p_object, null, false, null);
    return reply_of('absent');
end;
$$;

create or replace function incident_get(p_reference text) returns reply language plpgsql as $$
declare
    i incident;
begin
    select * into i from incident where reference = p_reference;
    if not found then
        return reply_absent('incident');
    end if;
    i.status := incident_status(i);
    perform audit_append('VIEW', 'incident ' || i.id, i.id, false);
    return reply_of('ok', incident_body(i, incident_is_worked_by_actor(i.id)), incident_etag(i));
end;
$$;

-- Whether the actor may know of a report: what a faulty request is told first.
create or replace function incident_sight(p_reference text) returns reply language plpgsql as $$
begin
    if not exists (select from incident where reference = p_reference) then
        return reply_absent('incident');
    end if;
    return reply_of('ok');
end;
$$;

-- The wrapped key under which an addition to the case is sealed. Only for who may add.
create or replace function incident_key(p_reference text) returns reply language plpgsql as $$
declare
    i incident;
begin
    select * into i from incident where reference = p_reference;
    if not found then
        return reply_absent('incident');
    end if;
    if incident_status(i) = 'CLOSED' then
        return reply_of('conflict');
    end if;
    return reply_of('ok', json_build_object('incident', i.id, 'reference', i.reference,
                                            'wrapped', (select wrapped from data_key where owner_id = i.id))::text);
end;
$$;

-- For whom the actor adds to a case: the reporter and the leads for everybody on it, a desk for itself.
create or replace function addition_unit(i incident) returns uuid language plpgsql stable as $$
begin
    if i.reporter_id = actor() or exists (select from case_access a where a.incident_id = i.id and a.reason = 'LEAD'
                                             and a.unit_id = any (actor_units())) then
        return null;
    end if;
    return (select a.unit_id from case_access a where a.incident_id = i.id and a.unit_id = any (actor_units())
             order by a.from_at limit 1);
end;
$$;

-- Adds a sealed text to a report. It locks nothing and moves no chain, so a neighbour in the batch never waits.
create or replace function incident_add(p_id uuid, p_reference text, p_key text, p_hash text, p_sealed text)
returns reply language plpgsql as $$
declare
    i incident;
    v_idempotency record;
    v_event record;
begin
    select * into i from incident where reference = p_reference;
    if not found then
        return reply_absent('incident');
    end if;
    select * into v_idempotency from idempotency_check(p_key, p_hash, null, null);
    if v_idempotency.outcome in ('in_progress', 'mismatch') then
        return reply_idempotency(v_idempotency.outcome);
    end if;
    i.status := incident_status(i);
    if v_idempotency.outcome is null then
        if i.status = 'CLOSED' then
            return reply_of('conflict');
        end if;
        select * into v_event from audit_append('UPDATE', 'addition ' || p_id, i.id, false, null, p_sealed);
        insert into addition (id, incident_id, author_id, unit_id, text_sealed, audit_id)
        values (p_id, i.id, actor(), addition_unit(i), p_sealed, 0);
        if p_key is not null then
            insert into idempotency (account_id, key, hash, object_id, location, receipt)
            values (actor(), p_key, p_hash, p_id, '/incidents/' || i.reference, encode(v_event.leaf_hash, 'hex'));
        end if;
        v_idempotency.p_object := p_id;
        v_idempotency.p_receipt := encode(v_event.leaf_hash, 'hex');
    end if;
    return reply_of(coalesce(v_idempotency.outcome, 'created'),
        (select json_build_object('id', a.id, 'at', instant(a.at), 'text', json_build_object('$sealed',
                    envelope('addition', 'text', a.id, i.id, (select wrapped from data_key where owner_id = i.id), a.text_sealed)),
                'receipt', json_build_object('leaf', v_idempotency.p_receipt, 'maximum_delay_seconds', 600))::text
           from addition a where a.id = v_idempotency.p_object),
        incident_etag(i), '/incidents/' || i.reference);
end;
$$;

-- Everything that happened in a case that this actor may see, newest first.
create or replace function incident_chronology(p_reference text) returns reply language plpgsql as $$
declare
    i incident;
    v_wrapped text;
begin
    select * into i from incident where reference = p_reference;
    if not found then
        return reply_absent('incident');
    end if;
    i.status := incident_status(i);
    perform audit_append('VIEW', 'chronology ' || i.id, i.id, false);
    select wrapped into v_wrapped from data_key where owner_id = i.id;
    return reply_of('ok', (select json_build_object('reference', i.reference, 'items', coalesce(json_agg(e.item order by e.at desc, e.tie desc), '[]'))::text from (
        select i.submitted_at as at, 0 as tie, json_build_object('kind', 'REPORTED', 'at', instant(i.submitted_at),
                'title', 'Report sent', 'by', (select name from account where id = i.reporter_id)) as item
        union all
        select a.at, 1, json_build_object('kind', 'ADDITION', 'at', instant(a.at), 'title', 'Information added',
                'by', (select name from account where id = a.author_id),
                'text', json_build_object('$sealed', envelope('addition', 'text', a.id, i.id, v_wrapped, a.text_sealed)))
          from addition a where a.incident_id = i.id and (a.author_id = actor() or incident_is_worked_by_actor(i.id))
        union all
        select c.declared_at, 1, json_build_object('kind', 'CONFLICT', 'at', instant(c.declared_at),
                'title', 'Declared a conflict of interest and stepped back', 'by', c.name,
                'text', json_build_object('$sealed', envelope('case_exclusion', 'reason', c.reason_id, i.id, v_wrapped, c.reason_sealed)))
          from conflicts_declared(i.id) c
        union all
        select v.happened_at, 2 + v.n, json_build_object('kind', 'STEP', 'at', instant(v.happened_at), 'entered_at', instant(v.entered_at),
                'pathway', f.pathway, 'referral', f.reference, 'title', coalesce(t.label, s.label), 'state', v.to_state, 'state_label', s.label,
                'by', coalesce((select name from account where id = v.actor_id), 'Upstander'),
                'data', v.data,
                'texts', case when v.sealed is not null and (v.unit_id = any (actor_units()) or f.desk_unit_id = any (actor_units())
                                or (t.form -> 'shared')::boolean)
                         then json_build_object('$sealed', envelope('referral_event', 'texts', v.sealed_id, i.id, v_wrapped, v.sealed)) end)
          from referral f join referral_event v on v.referral_id = f.id
          join pathway_state s on s.version_id = v.version_id and s.state = v.to_state
          left join pathway_transition t on t.version_id = v.version_id and t.from_state = v.from_state and t.transition = v.transition
         where f.incident_id = i.id and incident_is_worked_by_actor(i.id)) e), incident_etag(i));
end;
$$;

-- Which referrals the facts would propose. Nothing is stored; that it was asked is not an event, since no case exists.
create or replace function incident_preview(p_facts jsonb) returns reply language plpgsql as $$
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    return reply_of('ok', (select json_build_object('referrals', coalesce(json_agg(json_build_object(
        'pathway', p.pathway, 'pathway_name', w.name, 'area', p.area, 'desk', p.desk_name, 'because', p.because) order by w.sort), '[]'))::text
        from route_propose(p_facts) p join pathway w using (pathway)));
end;
$$;
reset role;
