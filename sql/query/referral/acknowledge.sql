-- Acknowledges several new referrals at once.
-- $1 references  json 8192
-- alone
select outcome, body, etag, location from referral_acknowledge($1::jsonb)
