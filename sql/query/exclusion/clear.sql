-- Clears a match by name alone.
-- $1 incident   reference
-- $2 account    uuid
-- $3 reason_id  uuid
-- $4 sealed     sealed 20000
-- alone
select outcome, body, etag, location from exclusion_clear($1, $2::uuid, $3::uuid, $4)
