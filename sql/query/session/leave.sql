-- Ends the actor's session.
-- alone
select outcome, body, etag, location from session_leave()
