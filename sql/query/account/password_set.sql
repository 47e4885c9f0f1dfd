-- Sets the actor's new password.
-- $1 attempts  json 200
-- $2 present   text 200
-- $3 password  text 200
-- alone
select outcome, body, etag, location from password_set($1::jsonb, $2, $3)
