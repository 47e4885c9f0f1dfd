-- A child whose missing parent is only noticed at the commit.
-- $1 parent  integer 1..1000
-- batch
with t as (insert into child values ($1::integer) returning parent)
select 'created' as outcome, echo() as body, parent::text as etag, null as location from t
