-- Ends the actor's other sessions.
-- alone
select outcome, body, etag, location from session_end_others()
