-- One draft of the actor, with its answers.
-- $1 draft  uuid
-- batch
select outcome, body, etag, location from draft_get($1::uuid)
