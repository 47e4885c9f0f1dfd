-- Row level security for accounts and their administration. Everything here is reached through the gate's functions alone.
set role upstander_owner;
do $$
declare
    t text;
begin
    foreach t in array array['account_change', 'account_device', 'grant_code', 'idempotency', 'organisation', 'unit'] loop
        execute format('drop policy if exists gate on %I', t);
        execute format('create policy gate on %I to upstander_gate using (true) with check (true)', t);
        execute format('grant select, insert, update on %I to upstander_gate', t);
    end loop;
end;
$$;
reset role;

-- Only the operator makes a demonstration.
revoke execute on function upstander.demonstration_partnership(jsonb, text), upstander.demonstration_act(uuid, timestamptz),
    upstander.demonstration_steps(uuid, jsonb, timestamptz), upstander.demonstration_file(jsonb)
    from upstander_serve, upstander_work, upstander_gate, upstander_audit;
