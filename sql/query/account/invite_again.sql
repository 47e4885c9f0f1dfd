-- Another invitation for somebody who has not used theirs.
-- $1 account  uuid
-- $2 token    hash
-- $3 sealed   text 1000
-- alone
select outcome, body, etag, location from account_invite_again($1::uuid, $2, $3)
