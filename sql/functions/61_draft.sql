-- Reports being written: one sealed blob per draft, seen by nobody but its author, and gone when it is sent.
set role upstander_owner;

-- The key under which a draft's report is filed, so that sending it twice makes one report.
create or replace function draft_key(p_draft uuid) returns text language sql immutable as $$
    select 'draft-' || p_draft
$$;

create or replace function draft_etag(d draft) returns text language sql immutable as $$
    select '"' || d.version || '"'
$$;

create or replace function draft_body(d draft) returns text language plpgsql stable as $$
begin
    return json_build_object('id', d.id, 'form', d.form, 'version', d.version, 'wrapped', d.wrapped,
        'created_at', instant(d.created_at), 'changed_at', instant(d.changed_at), 'kept_until', d.retention_due,
        'answers', json_build_object('$sealed', envelope('draft', 'sealed', d.id, d.id, d.wrapped, d.sealed)))::text;
end;
$$;

-- What is said of a draft that is not there: where its report is, if it was sent in the last 24 hours.
create or replace function draft_gone(p_draft uuid) returns reply language plpgsql as $$
declare
    v_location text := (select location from idempotency where account_id = actor() and key = draft_key(p_draft)
                           and at > clock_timestamp() - interval '24 hours');
begin
    if v_location is not null then
        return reply_of('replayed', null, null, v_location || '/sent');
    end if;
    return reply_absent('draft');
end;
$$;

-- Begins a draft. The page that offers this made its id, so that pressing the button twice makes one.
create or replace function draft_start(p_id uuid, p_form text, p_wrapped text, p_sealed text) returns reply language plpgsql as $$
begin
    if not actor_may('INCIDENT_CREATE') then
        return reply_of('denied');
    end if;
    if exists (select from draft where id = p_id) then
        return reply_of('ok');
    end if;
    if (select count(*) from draft where account_id = actor()) >= 50 then
        return reply_fault('', 'too_many', 'You have started 50 reports. Delete one of them first.');
    end if;
    perform audit_append('CREATE', 'draft ' || p_id, null, false);
    insert into draft (id, account_id, form, wrapped, sealed, incident_key, retention_due)
    select p_id, actor(), p_form, p_wrapped, p_sealed, draft_key(p_id), r.due from retention_of('DRAFT', null, current_date) r
        on conflict (id) do nothing;
    return reply_of('created');
end;
$$;

create or replace function draft_get(p_draft uuid) returns reply language plpgsql as $$
declare
    d draft;
begin
    select * into d from draft where id = p_draft and account_id = actor();
    if not found then
        return draft_gone(p_draft);
    end if;
    return reply_of('ok', draft_body(d), draft_etag(d));
end;
$$;

-- The drafts of the actor. What is in them stays sealed.
create or replace function draft_list() returns reply language plpgsql stable as $$
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    return reply_of('ok', (select json_build_object('any', count(*) > 0, 'drafts', coalesce(json_agg(json_build_object(
        'id', d.id, 'created_at', instant(d.created_at), 'changed_at', instant(d.changed_at), 'kept_until', d.retention_due)
        order by d.changed_at desc), '[]'))::text from draft d where d.account_id = actor()));
end;
$$;

-- Keeps the answers, unless they were changed elsewhere since the page was shown. Each change starts the retention anew.
create or replace function draft_save(p_draft uuid, p_etag text, p_sealed text) returns reply language plpgsql as $$
declare
    d draft;
begin
    select * into d from draft where id = p_draft and account_id = actor() for update;
    if not found then
        return draft_gone(p_draft);
    end if;
    if draft_etag(d) is distinct from '"' || p_etag || '"' then
        return reply_of('stale', null, draft_etag(d));
    end if;
    update draft set sealed = p_sealed, version = version + 1, changed_at = clock_timestamp(), retention_from = current_date,
                     retention_due = (select due from retention_of('DRAFT', null, current_date))
     where id = p_draft returning * into d;
    return reply_of('ok', null, draft_etag(d));
end;
$$;

create or replace function draft_remove(p_draft uuid) returns reply language plpgsql as $$
declare
    d draft;
begin
    select * into d from draft where id = p_draft and account_id = actor() for update;
    if not found then
        return reply_absent('draft');
    end if;
    if d.legal_hold then -- nothing is recorded as thrown away that was kept
        return reply_of('conflict');
    end if;
    perform audit_append('DELETE_DISPOSAL', 'draft ' || p_draft, null, false);
    delete from draft where id = p_draft;
    return reply_of('ok', null, null, '/report');
end;
$$;

-- The answers as they were checked: refused when they have changed since.
create or replace function draft_sending(p_draft uuid, p_etag text) returns reply language plpgsql as $$
declare
    d draft;
begin
    select * into d from draft where id = p_draft and account_id = actor();
    if not found then
        return draft_gone(p_draft);
    end if;
    if draft_etag(d) is distinct from '"' || p_etag || '"' then
        return reply_of('stale', null, draft_etag(d));
    end if;
    return reply_of('ok', draft_body(d), draft_etag(d));
end;
$$;

-- Files the report of a draft and removes the draft, both or neither. Whoever comes second finds the first one's report.
create or replace function incident_file_draft(p_draft uuid, p_id uuid, p_reference text, p_facts text) returns reply
language plpgsql as $$
declare
    d draft;
    v_reply reply;
begin
    select * into d from draft where id = p_draft and account_id = actor() for update;
    if not found then
        return draft_gone(p_draft);
    end if;
    v_reply := incident_file(p_id, p_reference, d.incident_key, encode(sha256(convert_to(d.incident_key, 'UTF8')), 'hex'), p_facts);
    if v_reply.outcome in ('created', 'replayed') then
        delete from draft where id = p_draft;
        v_reply.location := v_reply.location || '/sent';
    end if;
    return v_reply;
end;
$$;

-- When the lead's silence lets a proposal of this version go on by itself: the first clock that runs while it is one.
create or replace function proposal_answer_by(p_version uuid, p_aware timestamptz, p_opened timestamptz) returns timestamptz
language plpgsql stable as $$
begin
    return (select min(clock_due(case k.start_on when 'AWARE' then p_aware else p_opened end, k.amount, k.unit))
              from pathway_clock k join pathway_state s on s.version_id = k.version_id and s.initial
             where k.version_id = p_version and (k.start_on = 'AWARE' or k.start_state = s.state)
               and exists (select from pathway_transition t where t.version_id = k.version_id and t.from_state = s.state
                              and t.trigger_event = 'SILENCE'));
end;
$$;

-- Where a report with these facts would go, why, and by when somebody must have answered. Stores nothing.
create or replace function draft_preview(p_facts jsonb) returns reply language plpgsql as $$
declare
    v_now timestamptz := upstander_now();
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    return reply_of('ok', (select json_build_object(
        'at_once', coalesce((p_facts ->> 'immediate_danger')::boolean, false),
        'referrals', coalesce(json_agg(json_build_object(
            'pathway', p.pathway, 'pathway_name', w.name, 'desk', p.desk_name, 'because', p.because,
            'answer_by', instant(proposal_answer_by(p.version_id, coalesce((p_facts ->> 'aware_at')::timestamptz, v_now), v_now)))
            order by w.sort), '[]'))::text
        from route_propose(p_facts) p join pathway w using (pathway)));
end;
$$;

-- What the reporter is told once a report is sent: where it went and by when somebody must have answered. It is the promise
-- that was made, not how the clock stands now.
create or replace function incident_sent(p_reference text) returns reply language plpgsql as $$
declare
    i incident;
begin
    select * into i from incident where reference = p_reference and reporter_id = actor();
    if not found then
        return reply_absent('incident');
    end if;
    perform audit_append('VIEW', 'incident ' || i.id, i.id, false);
    return reply_of('ok', json_build_object('reference', i.reference, 'submitted_at', instant(i.submitted_at),
        'organisation', (select name from organisation where id = i.organisation_id),
        'referrals', (select coalesce(json_agg(json_build_object('pathway_name', w.name, 'desk', u.name,
                'with_lead', s.initial, 'state_label', s.reporter_label,
                'answer_by', instant(proposal_answer_by(f.version_id, i.aware_at, f.opened_at))) order by w.sort, f.reference), '[]')
              from referral f join pathway w using (pathway)
              join pathway_state s on s.version_id = f.version_id and s.state = f.state
              join unit u on u.id = f.desk_unit_id
             where f.incident_id = i.id))::text);
end;
$$;
reset role;
