-- Who is asking, and may they: the context statement of every route that needs a session.
-- $1 session     hash optional
-- $2 permission  text 64 optional
-- $3 request     uuid
-- $4 route       text 200
-- $5 address     text 64 optional
-- $6 before      boolean
-- $7 frame       boolean
-- batch
select verdict, account, frame from access_context($1, $2, $3, $4, $5, $6::boolean, $7::boolean)
