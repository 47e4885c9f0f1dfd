-- Adds a sealed text to a report.
-- $1 id                uuid
-- $2 incident          reference
-- $3 idempotency_key   text 64 optional
-- $4 idempotency_hash  hash optional
-- $5 sealed            sealed 200000
-- batch
select outcome, body, etag, location from incident_add($1::uuid, $2, $3, $4, $5)
