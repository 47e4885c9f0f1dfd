-- A context that raises, which none should.
-- batch
select 'ok' as verdict, (1 / (random() * 0)::integer)::text as account, null as frame
