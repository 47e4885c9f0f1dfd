-- Functions whose arguments or results have changed since 0015, for the same reason.
set search_path = upstander, pg_catalog;

set role upstander_gate;
drop function if exists context_set(text, text, uuid, text, text, uuid, uuid[], text), context_clear(text, text), context_frame(account, uuid[], text);
reset role;

set role upstander_owner;
drop view if exists referral_clock;
drop function if exists incident_is_worked_by_actor(uuid), incident_worked(uuid), case_remember(uuid),
    objects_joined(json, json), incident_form(incident, incident_parts, boolean, text), incident_reported(uuid, boolean),
    incident_json(incident, boolean, text), person_body(incident_person, text), person_prompt(incident_person), referral_body(referral, incident);
drop type if exists incident_parts;
reset role;
