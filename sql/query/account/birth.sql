-- The actor's own birth date.
-- $1 birth_date  date optional
-- $2 indexes     json 1000
-- alone
select outcome, body, etag, location from account_birth_set($1::date, $2::jsonb)
