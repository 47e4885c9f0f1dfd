-- Leaves a way back in for whoever has this address; answers alike when nobody has.
-- $1 email    text 254
-- $2 bucket   hash
-- $3 address  hash
-- $4 token    hash
-- $5 sealed   text 1000
-- alone
select outcome, body, etag, location from password_reset_ask($1, $2, $3, $4, $5)
