-- Fails to serialise until the attempts are a multiple of the number.
-- $1 times  integer 1..100
-- batch
select outcome, body, etag, location from thing_serialise($1::integer)
