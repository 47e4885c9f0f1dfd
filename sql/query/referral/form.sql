-- What a step asks for, and the key under which its texts are sealed.
-- $1 referral    reference
-- $2 transition  text 60
-- $3 etag        text 40
-- batch
select outcome, body, etag, location from referral_form($1, $2, $3)
