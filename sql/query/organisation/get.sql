-- One organisation with its people.
-- $1 organisation  text 63
-- batch
select outcome, body, etag, location from organisation_get($1)
