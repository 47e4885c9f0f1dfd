-- Accounts, newest first.
-- $1 organisation  text 63 optional
-- $2 role          text 40 optional
-- $3 cursor        cursor optional
-- $4 limit         integer 1..200 default 50
-- batch
select outcome, body, etag, location from account_list($1, $2, $3, $4::integer)
