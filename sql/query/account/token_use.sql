-- Uses an invitation or a reset, once.
-- $1 hash        hash
-- $2 purpose     text 10
-- $3 password    text 200
-- $4 name        text 800 optional
-- $5 birth_date  date optional
-- $6 indexes     json 1000
-- alone
select outcome, body, etag, location from token_use($1, $2, $3, $4, $5::date, $6::jsonb)
