-- Where a report with these facts would go, why, and by when somebody must have answered. Stores nothing.
-- $1 facts  json 262144
-- batch
select outcome, body, etag, location from draft_preview($1::jsonb)
