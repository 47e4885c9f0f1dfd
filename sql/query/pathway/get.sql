-- One pathway's definition in force.
-- $1 pathway  text 40
-- batch
select outcome, body, etag, location from pathway_get($1)
