-- The actor's sessions in force.
-- batch
select outcome, body, etag, location from session_list()
