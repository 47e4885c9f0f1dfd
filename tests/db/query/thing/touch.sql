-- Locks two rows, one after the other.
-- $1 first   integer 1..2
-- $2 second  integer 1..2
-- alone
select outcome, body, etag, location from hot_touch($1::integer, $2::integer)
