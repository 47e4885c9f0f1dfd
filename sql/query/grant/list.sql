-- The roles and changes of accounts that wait for a second person.
-- batch
select outcome, body, etag, location from grant_waiting()
