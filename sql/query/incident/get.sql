-- One report: for its reporter, or for those who work on the case.
-- $1 incident  reference
-- batch
select outcome, body, etag, location from incident_get($1)
