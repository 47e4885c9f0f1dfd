-- The actor, its session and what it may do.
-- batch
select outcome, body, etag, location from session_get()
