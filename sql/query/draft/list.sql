-- The drafts that the actor has begun, without their answers.
-- batch
select outcome, body, etag, location from draft_list()
