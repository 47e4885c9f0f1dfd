-- Everything that happened in a case, newest first.
-- $1 incident  reference
-- batch
select outcome, body, etag, location from incident_chronology($1)
