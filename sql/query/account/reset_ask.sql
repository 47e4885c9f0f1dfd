-- Leaves a way back in for whoever has this address; answers alike when nobody has.
-- $1 email    text 254
-- $2 address  hash
-- $3 token    hash
-- $4 sealed   text 1000
-- alone
select outcome, body, etag, location from password_reset_ask($1, $2, $3, $4)
