-- The wrapped key of a case, for sealing why a match by name is cleared.
-- $1 incident  reference
-- $2 account   uuid
-- batch
select outcome, body, etag, location from exclusion_key($1, $2::uuid)
