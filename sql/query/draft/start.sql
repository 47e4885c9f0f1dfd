-- Begins a draft.
-- $1 id       uuid
-- $2 form     text 40
-- $3 wrapped  text 300
-- $4 sealed   sealed 200000
-- batch
select outcome, body, etag, location from draft_start($1::uuid, $2, $3, $4)
