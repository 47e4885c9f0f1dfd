-- The context of a route for anyone: nobody is asking.
-- $1 request  uuid
-- $2 address  text 64 optional
-- batch
select verdict, account, frame from access_context_anyone($1, $2)
