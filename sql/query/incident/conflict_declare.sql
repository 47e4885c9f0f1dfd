-- Declares a conflict of interest in a case.
-- $1 incident   reference
-- $2 reason_id  uuid
-- $3 sealed     sealed 20000
-- alone
select outcome, body, etag, location from conflict_declare($1, $2::uuid, $3)
