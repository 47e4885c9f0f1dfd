-- The audit trail, newest first.
-- $1 actor         uuid optional
-- $2 action        code audit_action optional
-- $3 case          reference optional
-- $4 organisation  code organisation optional
-- $5 from          date optional
-- $6 to            date optional
-- $7 cursor        cursor optional
-- $8 limit         integer 1..200 default 50
-- batch
select outcome, body, etag, location
  from audit_list($1::uuid, $2, $3, $4, $5::date, $6::date, $7, $8::integer)
