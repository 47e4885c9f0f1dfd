-- Takes a name that only one may have.
-- $1 name  text 20
-- batch
with t as (insert into taken values ($1) returning name)
select 'created' as outcome, echo() as body, name as etag, null as location from t
