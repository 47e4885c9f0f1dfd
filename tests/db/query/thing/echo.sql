-- Tells under whose context it ran.
-- batch
select 'ok' as outcome, echo() as body, null as etag, null as location
