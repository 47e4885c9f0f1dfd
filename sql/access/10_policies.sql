-- Row level security: what each runtime role can reach, and the grants under it. Re-run whole.
set role upstander_owner;

-- Every table is forced; a table without a policy for a role is empty to it.
do $$
declare
    t record;
begin
    for t in select c.oid::regclass as name, p.polname from pg_class c left join pg_policy p on p.polrelid = c.oid
              where c.relnamespace = 'upstander'::regnamespace and c.relkind = 'r' and c.relowner = 'upstander_owner'::regrole loop
        execute format('alter table %s enable row level security', t.name);
        execute format('alter table %s force row level security', t.name);
        if t.polname is not null then
            execute format('drop policy %I on %s', t.polname, t.name);
        end if;
    end loop;
end;
$$;

-- Reference data and definitions: everybody reads, only the owner (migration) writes.
do $$
declare
    t text;
begin
    foreach t in array array['code_list', 'code', 'area', 'holiday', 'working_day', 'site', 'capability', 'permission', 'role',
                             'role_permission', 'retention_class', 'pathway', 'pathway_version', 'pathway_state', 'pathway_transition',
                             'pathway_transition_role', 'pathway_clock', 'pathway_clock_stop', 'pathway_rule', 'desk', 'organisation', 'unit'] loop
        execute format('create policy everybody_reads on %I for select using (true)', t);
        execute format('create policy migration_writes on %I to upstander_owner using (true) with check (true)', t);
        execute format('grant select on %I to upstander_serve, upstander_work, upstander_gate', t);
    end loop;
end;
$$;

-- The gate sees and writes what it must; its functions are the only way to be it.
do $$
declare
    t text;
begin
    foreach t in array array['account', 'account_index', 'role_grant', 'session', 'account_token', 'second_factor', 'recovery_code',
                             'sign_in_failure', 'incident', 'incident_person', 'case_access', 'case_exclusion', 'referral', 'referral_event',
                             'clock', 'outbox', 'data_key', 'draft', 'referral_code', 'threshold_decision'] loop
        execute format('create policy gate on %I to upstander_gate using (true) with check (true)', t);
        execute format('grant select, insert, update on %I to upstander_gate', t);
    end loop;
    grant delete on sign_in_failure, draft, recovery_code, second_factor to upstander_gate;
end;
$$;

-- What hides a case from the actor, and what shows it. Until the next context two answers are remembered: a case of which every
-- referral is shown, and the referral that was asked for last (referral_seen below).
create or replace function case_visible(p_incident uuid, p_referral uuid) returns boolean language plpgsql stable as $$
declare
    v_whole boolean;
    v_set text;
begin
    if current_setting('upstander.seen_whole', true) is distinct from p_incident::text then
        select bool_or(a.referral_id is null) into v_whole from case_access a
         where a.incident_id = p_incident and (a.referral_id is null or p_referral is null or a.referral_id = p_referral)
           and (a.unit_id = any (actor_units()) or a.account_id = actor()) and (a.until is null or a.until > clock_timestamp())
           and not exists (select from case_exclusion x where x.incident_id = p_incident and x.account_id = actor() and x.cleared_at is null);
        if v_whole is null then
            return false;
        elsif v_whole then
            v_set := set_config('upstander.seen_whole', p_incident::text, true);
        end if;
    end if;
    return p_referral is null or referral_remember(p_referral);
end;
$$;
grant execute on function case_visible(uuid, uuid) to upstander_serve, upstander_work;

-- Whether the actor sent the report that a case began with, for a policy that would otherwise hold the case's own policy in it.
create or replace function case_reported_by_actor(p_incident uuid) returns boolean language plpgsql stable as $$
begin
    return exists (select from incident i where i.id = p_incident and i.reporter_id = actor());
end;
$$;
grant execute on function case_reported_by_actor(uuid) to upstander_serve;

-- The actor's own exclusions are known to the policies and to nobody: the table answers only "is this one hidden from me".
-- Here and below, actor() stands bare: in an index's condition it is asked once, and a sub-select for it would have to be started
-- in every plan that a policy is written into. The policies of what refers to a case rely on these two:
-- a second policy for select on either would open, or hide, every case.
create policy own on case_exclusion for select to upstander_serve using (account_id = actor());
grant select on case_exclusion to upstander_serve;
create policy shown on case_access for select to upstander_serve using (
    unit_id = any ((select actor_units())::uuid[]) or account_id = actor());
grant select on case_access to upstander_serve;

-- The sub-selects give a value, since EXISTS might be answered by a hash of every case that the actor's units or reports have.
-- A reporter whom their report names keeps the reporter's view of it; one who declared a conflict does not.
create policy reporter_or_shown on incident for select to upstander_serve using (
    not exists (select from case_exclusion x where x.incident_id = incident.id and x.cleared_at is null
                   and (x.ground = 'DECLARED' or incident.reporter_id is distinct from actor()))
    and (reporter_id = actor()
         or (select true from case_access a where a.incident_id = incident.id and (a.until is null or a.until > clock_timestamp()) limit 1)));
create policy reporter_files on incident for insert to upstander_serve with check (reporter_id = actor());
create policy step on incident for update to upstander_serve using (case_visible(id, null));
grant select, insert on incident to upstander_serve;
grant update (status, case_n, audit_id) on incident to upstander_serve;

-- Whether the actor sees a case; its policy decides. What belongs to a case is asked row by row, so the last one seen is remembered
-- until the next context. A function keeps the policies below small: written out, each would carry the case's own policy into
-- every statement's plan, and starting such a plan costs more than running it.
create or replace function case_seen(p_incident uuid) returns boolean language plpgsql stable as $$
begin
    if current_setting('upstander.seen_case', true) = p_incident::text then
        return true;
    end if;
    perform from incident where id = p_incident;
    if not found then
        return false;
    end if;
    return case_remember(p_incident);
end;
$$;

-- The same for those who work on a referral.
create or replace function referral_seen(p_referral uuid) returns boolean language plpgsql stable as $$
begin
    if current_setting('upstander.seen_referral', true) = p_referral::text then
        return true;
    end if;
    perform from referral r where r.id = p_referral and case_visible(r.incident_id, r.id);
    return found;
end;
$$;

-- What belongs to a case follows the case.
do $$
declare
    t text;
begin
    foreach t in array array['incident_code', 'incident_person'] loop
        execute format('create policy of_case on %I for select to upstander_serve using (case_seen(incident_id))', t);
        execute format('create policy with_case on %I for insert to upstander_serve with check (case_seen(incident_id))', t);
        execute format('grant select, insert on %I to upstander_serve', t);
    end loop;
end;
$$;
-- What a desk adds is its own: a neighbour desk must not learn from it that the pathway exists.
create policy of_case on addition for select to upstander_serve using (
    (unit_id is null or unit_id = any ((select actor_units())::uuid[]) or author_id = (select actor()))
    and exists (select from incident i where i.id = incident_id));
create policy with_case on addition for insert to upstander_serve with check (
    author_id = (select actor()) and exists (select from incident i where i.id = incident_id));
grant select, insert on addition to upstander_serve;
create policy of_case on data_key for select to upstander_serve using (case_seen(owner_id));
create policy with_case on data_key for insert to upstander_serve with check (case_seen(owner_id));
grant select, insert on data_key to upstander_serve;

-- A referral is shown to the units that its case, or this referral of it, is shown to; to the reporter only as a state.
create policy shown on referral for select to upstander_serve using (
    not exists (select from case_exclusion x where x.incident_id = referral.incident_id and x.cleared_at is null)
    and ((select true from case_access a where a.incident_id = referral.incident_id
             and (a.referral_id is null or a.referral_id = referral.id) and (a.until is null or a.until > clock_timestamp()) limit 1)
         or case_reported_by_actor(incident_id)));
create policy step on referral for update to upstander_serve using (case_visible(incident_id, id));
grant select on referral to upstander_serve;
grant update (state, n, due_at, desk_unit_id, area, unit_id, because, new_for_unit, closed_at, audit_id) on referral to upstander_serve;

do $$
declare
    t text;
begin
    foreach t in array array['referral_event', 'referral_code', 'threshold_decision', 'clock'] loop
        execute format('create policy of_referral on %I for select to upstander_serve using (referral_seen(referral_id))', t);
        execute format('grant select on %I to upstander_serve', t);
    end loop;
    foreach t in array array['referral_event', 'referral_code', 'threshold_decision'] loop
        execute format('create policy with_referral on %I for insert to upstander_serve with check (referral_seen(referral_id))', t);
        execute format('grant insert on %I to upstander_serve', t);
    end loop;
end;
$$;

create policy own on idempotency to upstander_serve using (account_id = actor()) with check (account_id = actor());
grant select, insert on idempotency to upstander_serve;
create policy own on draft to upstander_serve using (account_id = (select actor())) with check (account_id = (select actor()));
grant select, insert, update, delete on draft to upstander_serve;

-- Names of colleagues are shown where they acted; accounts are managed by those who may.
create policy names on account for select to upstander_serve using ((select actor()) is not null);
grant select (id, name) on account to upstander_serve;
create policy own on role_grant for select to upstander_serve using (account_id = (select actor()) or (select actor_may('ACCOUNT_MANAGE')));
grant select on role_grant to upstander_serve;

-- The worker moves what silence moves, as nobody: it sees every referral and no sealed text.
create policy worker on referral to upstander_work using (true) with check (true);
create policy worker on incident to upstander_work using (true) with check (true);
create policy worker on referral_event to upstander_work using (true) with check (true);
create policy worker on referral_code to upstander_work using (true) with check (true);
create policy worker on threshold_decision to upstander_work using (true) with check (true);
create policy worker on clock for select to upstander_work using (true);
create policy worker on case_exclusion for select to upstander_work using (true);
create policy worker on session to upstander_work using (true);
create policy worker on sign_in_failure to upstander_work using (true);
create policy worker on draft to upstander_work using (true);
create policy worker on idempotency to upstander_work using (true);
create policy worker on outbox to upstander_work using (true);
revoke select on incident, referral_event, draft from upstander_work;
grant select on referral, clock, case_exclusion, session, sign_in_failure, idempotency, outbox to upstander_work;
grant select (id, status, case_n) on incident to upstander_work;
grant select (referral_id, n, version_id, from_state, transition, to_state, happened_at, entered_at) on referral_event to upstander_work;
grant select (id, retention_due, legal_hold) on draft to upstander_work;
grant update (state, n, due_at, desk_unit_id, area, unit_id, because, new_for_unit, closed_at, audit_id) on referral to upstander_work;
grant update (status, case_n, audit_id) on incident to upstander_work;
grant insert on referral_event, referral_code, threshold_decision to upstander_work;
grant update (seen_at) on session to upstander_work;
grant delete on sign_in_failure, draft, idempotency to upstander_work;
reset role;

set role upstander_audit;
alter table audit_event enable row level security;
alter table audit_event force row level security;
alter table audit_detail enable row level security;
alter table audit_detail force row level security;
drop policy if exists writer on audit_event;
drop policy if exists writer on audit_detail;
create policy writer on audit_event to upstander_audit using (true) with check (true);
create policy writer on audit_detail to upstander_audit using (true) with check (true);
-- Those who audit read events, but never those of a case that hides itself from them.
drop policy if exists auditor on audit_event;
create policy auditor on audit_event for select to upstander_serve using (
    (select upstander.actor_may('AUDIT_READ'))
    and (case_id is null or not exists (select from upstander.case_exclusion x
                                         where x.incident_id = case_id and x.account_id = (select upstander.actor()) and x.cleared_at is null)));
grant select (id, request_id, at, actor, role, organisation, action, object, case_id, case_n, leaf) on audit_event to upstander_serve;
reset role;

-- Functions: what belongs to the owner runs as its caller, so the runtime roles may call it; definer functions granted themselves.
do $$
declare
    f record;
begin
    for f in select p.oid::regprocedure as name from pg_proc p
              where p.pronamespace = 'upstander'::regnamespace and p.proowner = 'upstander_owner'::regrole and p.prorettype <> 'trigger'::regtype loop
        execute format('revoke all on function %s from public', f.name);
        execute format('grant execute on function %s to upstander_serve, upstander_work, upstander_gate, upstander_audit', f.name);
    end loop;
    revoke execute on function upstander.pathway_install(jsonb), upstander.calendar_import(jsonb), upstander.working_day_rebuild(text)
        from upstander_serve, upstander_work, upstander_gate, upstander_audit;
    for f in select p.oid::regprocedure as name from pg_proc p
              where p.pronamespace = 'upstander'::regnamespace and p.prorettype = 'trigger'::regtype loop
        execute format('revoke all on function %s from public', f.name);
    end loop;
end;
$$;
