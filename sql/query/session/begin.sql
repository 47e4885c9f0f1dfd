-- What the server needs to judge a sign-in. Counts the try.
-- $1 email    text 254
-- $2 bucket   hash
-- $3 device   hash optional
-- $4 address  hash
-- batch
select outcome, body, etag, location from session_begin($1, $2, $3, $4)
