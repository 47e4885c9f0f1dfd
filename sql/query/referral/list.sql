-- The actor's queue, what is due first.
-- $1 pathway  text 40 optional
-- $2 state    text 40 optional
-- $3 due      code due_filter optional
-- $4 area     text 12 optional
-- $5 sort     code queue_sort optional
-- $6 cursor   cursor optional
-- $7 limit    integer 1..200 default 50
-- batch
select outcome, body, etag, location from referral_list($1, $2, $3, $4, $5, $6, $7::integer)
