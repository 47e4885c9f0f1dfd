-- What declaring a conflict of interest in a case asks for.
-- $1 incident  reference
-- batch
select outcome, body, etag, location from conflict_form($1)
