-- What is missing before this site may hold real records.
-- batch
select outcome, body, etag, location from site_ready()
