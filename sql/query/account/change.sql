-- Changes an account's name and e-mail address.
-- $1 account  uuid
-- $2 etag     text 40
-- $3 name     text 800
-- $4 email    text 254
-- $5 indexes  json 1000
-- $6 change   uuid
-- alone
select outcome, body, etag, location from account_change($1::uuid, $2, $3, $4, $5::jsonb, $6::uuid)
