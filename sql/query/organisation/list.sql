-- The organisations of the partnership.
-- batch
select outcome, body, etag, location from organisation_list()
