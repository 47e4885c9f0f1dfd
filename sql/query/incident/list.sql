-- The reports that the actor may list, newest first. A filtered page may be short and go on: follow `next`.
-- $1  status       code incident_status optional
-- $2  kind         code incident_kind optional
-- $3  strand       code racism_strand optional
-- $4  pathway      code pathway optional
-- $5  ref          reference optional
-- $6  from         date optional
-- $7  to           date optional
-- $8  cursor       cursor optional
-- $9  limit        integer 1..200 default 50
-- $10 organisation code organisation optional
-- $11 clock        code clock_status optional
-- batch
select outcome, body, etag, location
  from incident_list($1, $2, $3, $4, $5, $6::date, $7::date, $8, $9::integer, $10, $11)
