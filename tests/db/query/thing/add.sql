-- Inserts and tells under whose context.
-- $1 id    uuid
-- $2 kind  text 20
-- batch
select outcome, body, etag, location from thing_add($1::uuid, $2)
