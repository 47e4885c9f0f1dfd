-- The wrapped key of a case, for sealing an addition.
-- $1 incident  reference
-- batch
select outcome, body, etag, location from incident_key($1)
