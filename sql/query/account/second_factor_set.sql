-- Takes the actor's second factor into use.
-- $1 secret    text 600
-- $2 step      integer 0..99999999999
-- $3 recovery  json 2000
-- alone
select outcome, body, etag, location from second_factor_set($1, $2::bigint, $3::jsonb)
