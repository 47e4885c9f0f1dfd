-- Sweeps what is past its time.
-- alone
select outcome, body, etag, location from job_sweep()
