-- Reports: filing, reading, adding to.
set role upstander_owner;

-- The ETag of a referral is its own position, not its case's: a neighbour pathway that this actor may not know of must not show.
create or replace function etag_of(p_n integer) returns text language sql immutable as $$
    select p_n::text
$$;

create or replace function incident_etag(p_status text) returns text language sql immutable as $$
    select lower(p_status)
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

-- What an Idempotency-Key already stands for: the report that the first try made, as its reporter sees it.
create or replace function incident_replayed(p_incident uuid, p_receipt text) returns reply language plpgsql as $$
declare
    w record := incident_read(null, p_incident);
    v_form record;
begin
    if (w.i).id is null then
        return reply_absent('incident'); -- the reporter has declared a conflict since
    end if;
    v_form := incident_json(w.i, w.v, false, p_receipt);
    return reply_of('replayed', v_form.body, incident_etag(v_form.status), '/incidents/' || (w.i).reference);
end;
$$;

-- Files a report: C has checked every member of p_facts and sealed what is confidential (src/incident/facts.c). The event's
-- commitment is to their text as it was sent. Returns 'created' with the incident as its reporter sees it, made of what was just written.
create or replace function incident_file(p_id uuid, p_reference text, p_key text, p_hash text, p_facts text)
returns reply language plpgsql as $$
declare
    i incident;
    v incident_parts;
    v_facts jsonb;
    v_idempotency record;
    v_event record;
    v_told record;
    v_retention record;
    v_now timestamptz := upstander_now();
    v_location text := '/incidents/' || p_reference;
    v_leaf text;
    v_sqlstate text;
    v_constraint text;
begin
    if not actor_may('INCIDENT_CREATE') then
        return reply_of('denied');
    end if;
    if p_key is not null then
        v_idempotency := idempotency_check(p_key, p_hash, null, null);
        if v_idempotency.outcome = 'replayed' then
            return incident_replayed(v_idempotency.p_object, v_idempotency.p_receipt);
        elsif v_idempotency.outcome is not null then
            return reply_idempotency(v_idempotency.outcome);
        end if;
    end if;
    begin
        v_facts := p_facts::jsonb;
        i := jsonb_populate_record(null::incident, v_facts);
        i.id := p_id;
        i.reference := p_reference;
        select o.id, o.slug, o.name into i.organisation_id, v.organisation, v.organisation_name from organisation o
          join role_grant g on g.organisation_id = o.id and g.account_id = actor()
         where o.slug = v_facts ->> 'organisation' and grant_counts(g) limit 1;
        if i.organisation_id is null then
            return reply_fault('/organisation', 'not_yours', 'Choose an organisation that you report for');
        end if;
        if v_facts ? 'occurred_at_organisation' then
            select id, slug into i.occurred_at_organisation_id, v.occurred_at from organisation where slug = v_facts ->> 'occurred_at_organisation';
            if i.occurred_at_organisation_id is null then
                return reply_fault('/occurred_at_organisation', 'unknown_organisation', 'Choose an organisation from the list');
            end if;
        end if;
        i.status := 'SUBMITTED';
        i.reporter_id := actor();
        i.submitted_at := v_now;
        i.aware_at := coalesce(i.aware_at, v_now);
        i.setting_list := 'setting';
        i.direction_list := 'direction';
        i.case_n := 1;
        i.legal_hold := false;
        -- Where nobody is named a child may be concerned all the same, and a witness of unknown age may be one.
        i.retention_class := case when v_facts ? 'youngest_age' or v_facts -> 'people' = '[]'
                                    or jsonb_path_exists(v_facts, '$.people[*] ? (@.role like_regex "CHILD$|^SIBLING$" || @.role == "WITNESS" && !exists (@.age))')
                                  then 'INCIDENT' else 'INCIDENT_ADULTS' end;
        v_retention := retention_of(i.retention_class, (v_facts ->> 'youngest_age')::integer, (v_now at time zone 'Europe/London')::date);
        i.retention_from := v_retention.from_day;
        i.retention_due := v_retention.due;
        v.wrapped := v_facts ->> 'wrapped';

        v_event := audit_append('CREATE', 'incident ' || p_id, p_id, true, null, p_facts);
        v_leaf := encode(v_event.leaf_hash, 'hex');
        insert into incident values (i.*);
        perform case_remember(p_id);
        insert into data_key (owner_id, wrapped) values (p_id, v.wrapped);
        insert into incident_code (incident_id, list, code)
        select p_id, l.list, c from (values ('racism_strand', 'strands'), ('racism_level', 'levels'), ('incident_form', 'forms'),
                                            ('perceived_by', 'perceived_by')) l(list, member),
               jsonb_array_elements_text(v_facts -> l.member) c;
        with person as (
            insert into incident_person (id, incident_id, position, role, details_sealed, ethnicity_list, ethnicity, ethnicity_source,
                religion, works_with_children, workplace_id, workplace_authority, home_authority, looked_after_by, care_status, age,
                name_index, name_ends_index, name_birth_index, email_index)
            select (p ->> 'id')::uuid, p_id, n - 1, p ->> 'role', p ->> 'sealed', p ->> 'ethnicity_list', p ->> 'ethnicity',
                   p ->> 'ethnicity_source', p ->> 'religion', p ->> 'works_with_children',
                   (select id from organisation where slug = p ->> 'workplace'), p ->> 'workplace_authority', p ->> 'home_authority',
                   p ->> 'looked_after_by', p ->> 'care_status', (p ->> 'age')::smallint,
                   p ->> 'name_index', p ->> 'name_ends_index', p ->> 'name_birth_index', p ->> 'email_index'
              from jsonb_array_elements(v_facts -> 'people') with ordinality x(p, n)
            returning incident_person as row)
        select p.people, p.prompts into v.people, v.prompts
          from people_json(array(select person.row from person), v.wrapped) p;
        v_told := case_open(p_id, v_facts);
        if p_key is not null then
            insert into idempotency (account_id, key, hash, object_id, location, receipt)
            values (actor(), p_key, p_hash, p_id, v_location, v_leaf);
        end if;
    exception
        when integrity_constraint_violation then
            get stacked diagnostics v_sqlstate = returned_sqlstate, v_constraint = constraint_name;
            return reply_refused(v_sqlstate, v_constraint);
        when sqlstate 'UP003' then
            return reply_fault('/aware_at', 'outside_calendar', 'This date is outside the years that the calendar covers');
    end;
    v.referrals := v_told.referrals;
    v.clocks := v_told.clocks;
    v.status := v_told.status;
    v.strands := v_facts -> 'strands';
    v.levels := v_facts -> 'levels';
    v.forms := v_facts -> 'forms';
    v.perceived_by := v_facts -> 'perceived_by';
    return reply_of('created', incident_form(i, v, false, v_leaf), incident_etag(v.status), v_location);
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
    w record := incident_read(p_reference, null);
    v_id uuid := (w.i).id;
    v_event record;
    v_form record;
begin
    if v_id is null then
        return reply_absent('incident');
    end if;
    v_event := audit_append('VIEW', 'incident ' || v_id, v_id, false);
    v_form := incident_json(w.i, w.v, incident_is_worked_by_actor(v_id, (w.i).reporter_id), null);
    return reply_of('ok', v_form.body, incident_etag(v_form.status));
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
        incident_etag(i.status), '/incidents/' || i.reference);
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
          from addition a where a.incident_id = i.id and (a.author_id = actor() or incident_is_worked_by_actor(i.id, i.reporter_id))
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
         where f.incident_id = i.id and incident_is_worked_by_actor(i.id, i.reporter_id)) e), incident_etag(i.status));
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
