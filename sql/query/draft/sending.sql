-- The answers of a draft that is about to be sent.
-- $1 draft  uuid
-- $2 etag   text 64
-- batch
select outcome, body, etag, location from draft_sending($1::uuid, $2)
