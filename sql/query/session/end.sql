-- Ends one of the actor's sessions.
-- $1 session  uuid
-- alone
select outcome, body, etag, location from session_end($1::uuid)
