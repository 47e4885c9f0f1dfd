-- Whether the actor may know of a referral, and whether it is still as they saw it.
-- $1 referral  reference
-- $2 etag      text 64 optional
-- batch
select outcome, body, etag, location from referral_sight($1, $2)
