-- Files a report with everything that comes of it.
-- $1 id                uuid
-- $2 reference         reference
-- $3 idempotency_key   text 64 optional
-- $4 idempotency_hash  hash optional
-- $5 facts             json 262144
-- batch
select outcome, body, etag, location from incident_file($1::uuid, $2, $3, $4, $5)
