-- Inserts, and then raises.
-- $1 id        uuid
-- $2 sqlstate  text 5
-- batch
select outcome, body, etag, location from thing_fail($1::uuid, $2)
