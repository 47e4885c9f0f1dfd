-- Moves proposals that nobody answered in time.
-- $1 most  integer 1..1000 default 200
-- alone
select outcome, body, etag, location from job_pass_by($1::integer)
