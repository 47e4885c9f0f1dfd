-- The page of a step: its form, and where the referral stands.
-- $1 referral    reference
-- $2 transition  text 60
-- batch
select outcome, body, etag, location from referral_step_page($1, $2)
