-- Files the report of a draft and removes the draft.
-- $1 draft      uuid
-- $2 id         uuid
-- $3 reference  reference
-- $4 facts      json 262144
-- alone
select outcome, body, etag, location from incident_file_draft($1::uuid, $2::uuid, $3, $4)
