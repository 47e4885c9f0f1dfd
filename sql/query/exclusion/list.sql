-- Matches by name alone that nobody has looked at yet.
-- batch
select outcome, body, etag, location from exclusion_list()
