-- Takes a lost second factor away.
-- $1 account  uuid
-- alone
select outcome, body, etag, location from account_second_factor_reset($1::uuid)
