-- Whether the actor may know of a report.
-- $1 incident  reference
-- batch
select outcome, body, etag, location from incident_sight($1)
