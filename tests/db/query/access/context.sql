-- Who is asking.
-- $1 actor    text 64
-- $2 request  uuid
-- batch
select verdict, account, frame from context($1, $2::text)
