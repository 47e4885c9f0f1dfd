-- Adds an organisation.
-- $1 id                uuid
-- $2 idempotency_key   text 64
-- $3 idempotency_hash  hash
-- $4 slug              text 63
-- $5 name              text 800
-- $6 kind              text 40
-- $7 area              text 12 optional
-- batch
select outcome, body, etag, location from organisation_add($1::uuid, $2, $3, $4, $5, $6, $7)
