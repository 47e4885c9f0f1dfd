-- The roles that wait for a second person.
-- batch
select outcome, body, etag, location from grant_waiting()
