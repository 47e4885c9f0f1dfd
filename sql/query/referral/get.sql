-- One referral: where it stands, its clocks, what this actor may do, and the case it belongs to.
-- $1 referral  reference
-- batch
select outcome, body, etag, location from referral_get($1)
