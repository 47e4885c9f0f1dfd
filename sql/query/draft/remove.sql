-- Deletes a draft.
-- $1 draft  uuid
-- alone
select outcome, body, etag, location from draft_remove($1::uuid)
