-- What an account's blind indexes are computed from; the actor's own without an id.
-- $1 account  uuid optional
-- batch
select outcome, body, etag, location from account_identity($1::uuid)
