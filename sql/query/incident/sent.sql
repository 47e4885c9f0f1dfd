-- What the reporter is told once a report is sent.
-- $1 incident  reference
-- batch
select outcome, body, etag, location from incident_sent($1)
