-- Every code list with its labels, for forms, pages and checks. Authorities and organisations are lists too.
-- batch
select outcome, body, etag, location from code_lists()
