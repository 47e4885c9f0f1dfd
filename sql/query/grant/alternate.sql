-- Whether somebody stands in for others in a role.
-- $1 grant      uuid
-- $2 alternate  boolean
-- alone
select outcome, body, etag, location from grant_alternate($1::uuid, $2::boolean)
