-- Takes its time.
-- $1 milliseconds  integer 0..60000
-- batch
select 'ok' as outcome, echo() as body, pg_sleep($1::integer / 1000.0)::text as etag, null as location
