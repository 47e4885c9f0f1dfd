-- Ends a role, or turns down one that waits.
-- $1 grant  uuid
-- alone
select outcome, body, etag, location from grant_end($1::uuid)
