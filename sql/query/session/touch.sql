-- Notes that sessions were used, at most once a minute.
-- $1 hashes  json 65536
-- alone
select outcome, body, etag, location from session_touch($1::jsonb)
