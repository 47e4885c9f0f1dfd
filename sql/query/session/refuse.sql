-- The event of a sign-in that failed.
-- $1 account  uuid optional
-- $2 why      text 40
-- batch
select outcome, body, etag, location from session_refuse($1::uuid, $2)
