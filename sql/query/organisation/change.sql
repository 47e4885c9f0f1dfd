-- Changes an organisation.
-- $1 organisation  text 63
-- $2 etag          text 40
-- $3 name          text 800 optional
-- $4 kind          text 40 optional
-- $5 area          text 12 optional
-- $6 reports       boolean optional
-- alone
select outcome, body, etag, location from organisation_change($1, $2, $3, $4, $5, $6::boolean)
