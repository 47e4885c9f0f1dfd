-- The actor's queue, what is due first.
-- $1 pathway  code pathway optional
-- $2 state    code referral_state optional
-- $3 due      code due_filter optional
-- $4 area     code authority optional
-- $5 sort     code queue_sort optional
-- $6 cursor   cursor optional
-- $7 limit    integer 1..200 default 50
-- $8 assignee uuid optional
-- $9 clock    code clock_status optional
-- batch
select outcome, body, etag, location
  from referral_list($1, $2, $3, $4, $5, $6, $7::integer, $8::uuid, $9)
