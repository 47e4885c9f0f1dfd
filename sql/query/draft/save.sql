-- Keeps the answers of a draft.
-- $1 draft   uuid
-- $2 etag    text 64
-- $3 sealed  sealed 200000
-- alone
select outcome, body, etag, location from draft_save($1::uuid, $2, $3)
