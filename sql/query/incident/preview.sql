-- Which referrals the facts would propose, and why. Stores nothing.
-- $1 facts  json 262144
-- batch
select outcome, body, etag, location from incident_preview($1::jsonb)
