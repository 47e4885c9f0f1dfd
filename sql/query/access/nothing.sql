-- Nothing: a request whose body is faulty makes its call with context alone, so that a refusal to a stranger says no more.
-- batch
select 'ok' as outcome, null::text as body, null::text as etag, null::text as location
