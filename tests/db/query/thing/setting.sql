-- A setting of the session.
-- $1 name  text 64
-- batch
select 'ok' as outcome, current_setting($1) as body, null as etag, null as location
