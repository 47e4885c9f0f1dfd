-- Takes a lost second factor away, or asks for it.
-- $1 account  uuid
-- $2 change   uuid
-- alone
select outcome, body, etag, location from account_second_factor_reset($1::uuid, $2::uuid)
