-- Conflicts of interest: somebody who works on a case declares one and sees it no longer; and what then waits for nobody who
-- may know of it moves on. The same moving on follows a match that arises later (account_match).
set role upstander_owner;

-- What declaring asks for: the key under which the reason is sealed, and the reference for its page. Those who work on the
-- case may; the reporter, who only sees how their report stands, has nothing to step back from.
create or replace function conflict_form(p_reference text) returns reply language plpgsql as $$
declare
    i incident;
begin
    select * into i from incident where reference = p_reference;
    if not found then
        return reply_absent('incident');
    elsif not incident_is_worked_by_actor(i.id, i.reporter_id) then
        return reply_of('conflict');
    end if;
    perform audit_append('VIEW', 'incident ' || i.id, i.id, false);
    return reply_of('ok', json_build_object('incident', i.id, 'reference', i.reference,
                                            'wrapped', (select wrapped from data_key where owner_id = i.id))::text);
end;
$$;
reset role;

set role upstander_gate;

-- Whether somebody of a unit that a referral is shown to may know of it and take steps: for every referral of the case.
create or replace function case_has_free_member(p_incident uuid) returns boolean language plpgsql stable as $$
begin
    return not exists (select from referral f
                        where f.incident_id = p_incident
                          and not exists (select from case_access a
                                           where a.incident_id = p_incident and (a.referral_id is null or a.referral_id = f.id)
                                             and (a.until is null or a.until > clock_timestamp())
                                             and unit_has_free_member(a.unit_id, p_incident)));
end;
$$;

-- Passes the lead by, as at filing when none is free. False where the referral does not wait for a lead, or cannot move
-- because the calendar ends.
create or replace function referral_pass_lead(f referral) returns boolean language plpgsql as $$
declare
    i incident;
    t pathway_transition;
begin
    select * into t from pathway_transition x
     where x.version_id = f.version_id and x.from_state = f.state and x.trigger_event = 'NO_FREE_LEAD';
    if not found then
        return false;
    end if;
    select * into i from incident where id = f.incident_id;
    perform audit_append('UPDATE', 'referral ' || f.id || ' ' || t.transition, i.id, true,
                         jsonb_build_object('from', f.state, 'to', t.to_state));
    perform referral_step(f, i, t, upstander_now(), null, '{}', '[]', null, null);
    return true;
exception
    when sqlstate 'UP003' then
        return false;
end;
$$;

-- Whether the pathway has a step, where the referral stands, that people of a unit may take as its desk.
create or replace function referral_has_step_for(f referral, p_unit uuid) returns boolean language plpgsql stable as $$
begin
    return exists (select from pathway_transition t
                     join pathway_transition_role r on r.version_id = t.version_id and r.from_state = t.from_state and r.transition = t.transition
                     join role using (role) join unit u on u.capability = role.capability
                    where t.version_id = f.version_id and t.from_state = f.state and t.side = 'DESK' and u.id = p_unit);
end;
$$;

-- Hands a referral to the intake: shown and told, once. It waits there from now on where the pathway has a step for the intake
-- to take; elsewhere it stays with the desk, whose next free member finds it, and the intake sees to it that there is one.
create or replace function referral_to_intake(f referral) returns void language plpgsql as $$
declare
    v_intake uuid := desk_fallback(f.pathway);
    v_moves boolean := f.closed_at is null and f.unit_id = f.desk_unit_id and f.desk_unit_id <> v_intake
                       and unit_has_free_member(v_intake, f.incident_id) and referral_has_step_for(f, v_intake);
    v_shown boolean := exists (select from case_access a where a.incident_id = f.incident_id and a.unit_id = v_intake and a.until is null
                                  and (a.referral_id is null or a.referral_id = f.id));
begin
    if v_intake is null then
        return; -- a partnership without one
    end if;
    perform case_show(f.incident_id, f.id, v_intake, 'DESK');
    if v_moves then
        update referral set desk_unit_id = v_intake, unit_id = v_intake, new_for_unit = true,
               because = f.because || ' It was sent past the desk.'
         where id = f.id;
    end if;
    if v_moves or f.closed_at is null and not v_shown then
        perform outbox_tell('REFERRAL_WAITING', v_intake, f.id);
    end if;
end;
$$;

-- Moves on what waits for a unit of which nobody may know of the case any more. The caller holds the case's lock and has
-- appended the event of what changed to its chain. Runs alone: it locks the case.
create or replace function case_move_on(p_incident uuid) returns void language plpgsql as $$
declare
    f referral;
begin
    perform from incident where id = p_incident for no key update;
    for f in select * from referral where incident_id = p_incident order by id loop
        continue when unit_has_free_member(coalesce(f.unit_id, f.desk_unit_id), p_incident);
        if not referral_pass_lead(f) then
            perform referral_to_intake(f);
        end if;
    end loop;
end;
$$;

-- Declares the actor's conflict of interest: the case is hidden from them from now on, for good, and somebody else who is
-- free takes what they would have. Refused only where nobody else is left, since a case must never be out of everybody's
-- sight. Runs alone: it locks the case.
create or replace function conflict_declare(p_reference text, p_reason_id uuid, p_sealed text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    i incident;
    v_event record;
begin
    select * into i from incident where reference = p_reference and case_visible(id, null) for no key update;
    perform set_config('upstander.seen_whole', '', true); -- as it was; now, with the lock held, it is asked again
    if i.id is null or not case_visible(i.id, null) then
        return reply_absent('incident');
    end if;
    begin
        select * into v_event from audit_append('UPDATE', 'exclusion ' || i.id || ' ' || actor() || ' declared', i.id, true, null, p_sealed);
        insert into case_exclusion (incident_id, account_id, ground, unit_id, reason_id, reason_sealed, audit_id)
        values (i.id, actor(), 'DECLARED', (select a.unit_id from case_access a where a.incident_id = i.id and a.unit_id = any (actor_units())
                                             order by a.from_at limit 1), p_reason_id, p_sealed, 0);
        update incident set case_n = i.case_n + 1 where id = i.id;
        perform case_move_on(i.id);
        if not case_has_free_member(i.id) then
            raise exception 'nobody is left' using errcode = 'UP010';
        end if;
    exception
        when sqlstate 'UP010' then
            perform audit_append('DENY', 'exclusion ' || i.id || ' ' || actor() || ' declared', i.id, false);
            return reply_fault('', 'nobody_else', 'Nobody else may see this case yet, so it cannot be hidden from you. Ask an administrator '
                'for another safeguarding lead, or another person at the partnership’s intake; do not tell them about the case. '
                'Take no decision in it until then');
    end;
    return reply_of('ok', json_build_object('incident', p_reference, 'receipt',
        json_build_object('leaf', encode(v_event.leaf_hash, 'hex'), 'maximum_delay_seconds', 600))::text, null, '/referrals');
end;
$$;

-- The conflicts that colleagues of the actor declared in a case, for those who still work on it: never to another desk, which
-- must not learn from it that this one has the case.
create or replace function conflicts_declared(p_incident uuid)
returns table (declared_at timestamptz, name text, reason_id uuid, reason_sealed text)
language plpgsql stable security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return query
    select x.since, a.name, x.reason_id, x.reason_sealed
      from case_exclusion x join account a on a.id = x.account_id
     where x.incident_id = p_incident and x.ground = 'DECLARED' and x.unit_id = any (actor_units()) and case_visible(p_incident, null);
end;
$$;

revoke all on function case_has_free_member(uuid), referral_pass_lead(referral), referral_has_step_for(referral, uuid),
    referral_to_intake(referral), case_move_on(uuid), conflict_declare(text, uuid, text), conflicts_declared(uuid) from public;
grant execute on function conflict_declare(text, uuid, text), conflicts_declared(uuid) to upstander_serve;
reset role;
