-- Functions whose arguments or results have changed since 0009: "create or replace" would refuse, or leave the old one beside the new,
-- still open to whom it was granted. Those of today are made after the migrations (sql/functions).
set search_path = upstander, pg_catalog;

set role upstander_gate;
drop function if exists case_open(incident, jsonb), referrals_open(incident, jsonb, uuid, text), exclusion_clear(text, uuid, text),
    grant_confirm(uuid);
reset role;

set role upstander_owner;
drop function if exists incident_body(incident, boolean, text), incident_clocks(uuid, boolean, text, json), incident_etag(incident),
    incident_file(uuid, text, text, text, jsonb), incident_file_draft(uuid, uuid, text, jsonb), incident_list_least(uuid, integer),
    incident_parts(uuid), incident_referrals(uuid, boolean);
reset role;
