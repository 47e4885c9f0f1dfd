-- The pathways in force.
-- batch
select outcome, body, etag, location from pathway_list()
