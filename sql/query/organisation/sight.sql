-- Whether the actor may know of an organisation, and whether it is still as they saw it.
-- $1 organisation  text 63
-- $2 etag          text 64 optional
-- batch
select outcome, body, etag, location from organisation_sight($1, $2)
