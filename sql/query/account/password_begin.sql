-- What is needed to change one's own password. Counts the try.
-- $1 address  hash
-- batch
select outcome, body, etag, location from password_begin($1)
