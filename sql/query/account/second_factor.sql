-- Whether the actor has a second factor.
-- batch
select outcome, body, etag, location from second_factor_get()
