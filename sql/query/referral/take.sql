-- Takes a step.
-- $1 referral     reference
-- $2 transition   text 60
-- $3 etag         text 40
-- $4 happened_at  text 40 optional
-- $5 data         json 65536
-- $6 codes        json 16384
-- $7 sealed       sealed 200000 optional
-- alone
select outcome, body, etag, location from referral_take($1, $2, $3, $4::timestamptz, $5::jsonb, $6::jsonb, $7)
