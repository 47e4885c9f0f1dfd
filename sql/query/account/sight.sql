-- Whether the actor may know of an account, and whether it is still as they saw it.
-- $1 account  uuid
-- $2 etag     text 64 optional
-- batch
select outcome, body, etag, location from account_sight($1::uuid, $2)
