-- Whom an invitation or a reset is for, while it is good.
-- $1 hash     hash
-- $2 purpose  text 10
-- batch
select outcome, body, etag, location from token_get($1, $2)
