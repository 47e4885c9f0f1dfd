-- A right password whose second factor is still to come: takes the try back.
-- $1 attempts  json 200
-- alone
select outcome, body, etag, location from session_half($1::jsonb)
