-- Answers no row, which no statement should.
-- batch
select 'ok' as outcome, null as body, null as etag, null as location where false
