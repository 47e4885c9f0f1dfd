-- What happens by itself: silence moves a proposal on, and what is past its time is swept. Called by the worker.
set role upstander_gate;

-- The worker's context: no person asks.
create or replace function job_context(p_request text, out verdict text, out account text, out frame text)
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    perform context_clear(p_request, null);
    perform set_config('upstander.role', 'SYSTEM', true);
    verdict := 'ok';
end;
$$;
revoke all on function job_context(text) from public;
grant execute on function job_context(text) to upstander_work;
reset role;

set role upstander_owner;

-- A proposal that nobody answered by its deadline goes to the receiving desk. Several workers may call this at once: each
-- case is taken by one. Returns how many moved; at most p_most a call.
create or replace function job_pass_by(p_most integer) returns reply language plpgsql as $$
declare
    f referral;
    i incident;
    t pathway_transition;
    v_now timestamptz := upstander_now();
    v_id uuid;
    v_moved integer := 0;
    v_stuck integer := 0;
begin
    for v_id in
        select r.id from pathway_transition x
         cross join lateral (select y.id, y.due_at from referral y
                              where y.version_id = x.version_id and y.state = x.from_state and y.closed_at is null and y.due_at < v_now
                              order by y.due_at limit p_most) r
         where x.trigger_event = 'SILENCE' order by r.due_at limit p_most
    loop
        select x.id, x.status, x.case_n into i.id, i.status, i.case_n
          from incident x join referral r on r.incident_id = x.id where r.id = v_id for no key update of x skip locked;
        continue when not found;
        select * into f from referral where id = v_id;
        select * into t from pathway_transition x
         where x.version_id = f.version_id and x.from_state = f.state and x.trigger_event = 'SILENCE';
        continue when not found; -- somebody answered in the meantime
        -- A case that cannot move, because the calendar ends say, holds up no other.
        begin
            perform audit_append('UPDATE', 'referral ' || f.id || ' ' || t.transition, i.id, true,
                                 jsonb_build_object('from', f.state, 'to', t.to_state));
            perform referral_step(f, i, t, upstander_now(), null, '{}', '[]', null, null);
            v_moved := v_moved + 1;
        exception when sqlstate 'UP003' or integrity_constraint_violation then
            v_stuck := v_stuck + 1;
        end;
    end loop;
    return reply_of('ok', json_build_object('moved', v_moved, 'stuck', v_stuck)::text);
end;
$$;

-- Sweeps what is past its time and was never a record: idempotency keys after 24 hours, sign-in failures after one, drafts at the
-- end of their retention.
create or replace function job_sweep() returns reply language plpgsql as $$
declare
    v_keys integer;
    v_failures integer;
    v_drafts integer;
begin
    delete from idempotency where at < clock_timestamp() - interval '24 hours';
    get diagnostics v_keys = row_count;
    delete from sign_in_failure where at < clock_timestamp() - interval '1 hour';
    get diagnostics v_failures = row_count;
    delete from draft where retention_due < current_date and not legal_hold;
    get diagnostics v_drafts = row_count;
    return reply_of('ok', json_build_object('keys', v_keys, 'failures', v_failures, 'drafts', v_drafts)::text);
end;
$$;
reset role;
