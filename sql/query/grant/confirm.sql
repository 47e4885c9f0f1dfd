-- Confirms a role, as the second person.
-- $1 grant  uuid
-- alone
select outcome, body, etag, location from grant_confirm($1::uuid)
