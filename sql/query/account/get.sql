-- One account with its roles.
-- $1 account  uuid
-- batch
select outcome, body, etag, location from account_get($1::uuid)
