-- Does a change that waited, as the second person.
-- $1 change  uuid
-- alone
select outcome, body, etag, location from account_change_confirm($1::uuid)
