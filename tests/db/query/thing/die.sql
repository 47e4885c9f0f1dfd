-- Ends its own backend.
-- batch
select 'ok' as outcome, pg_terminate_backend(pg_backend_pid())::text as body, null as etag, null as location
