-- The context of the worker: no person asks.
-- $1 request  uuid
-- batch
select verdict, account, frame from job_context($1)
