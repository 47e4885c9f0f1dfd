-- Ends an account, its roles and its sessions.
-- $1 account  uuid
-- alone
select outcome, body, etag, location from account_end($1::uuid)
