-- The same in a transaction of its own.
-- $1 id    uuid
-- $2 kind  text 20
-- alone
select outcome, body, etag, location from thing_add($1::uuid, $2)
