-- Turns down a change that waits.
-- $1 change  uuid
-- alone
select outcome, body, etag, location from account_change_end($1::uuid)
