-- Confirms a role, as the second person.
-- $1 grant  uuid
-- $2 code   text 40
-- alone
select outcome, body, etag, location from grant_confirm($1::uuid, $2)
