-- What the executor's tests ask for: a context like the real one, and statements that misbehave.

create table thing (id uuid not null, actor text not null, kind text not null);
create table taken (name text constraint taken_name unique);
create table parent (id integer primary key);
create table child (parent integer constraint child_parent references parent deferrable initially deferred);
create table hot (id integer primary key, n integer not null default 0);
insert into hot (id) values (1), (2);
create table schema_version (version integer not null);
insert into schema_version values (7);
create sequence attempt;

-- An actor whose name begins with "stranger" is refused; the context is then empty.
create function context(p_actor text, p_request text, out verdict text, out account text, out frame text)
language plpgsql as $$
begin
    perform set_config('test.actor', '', true), set_config('test.request', p_request, true);
    if p_actor like 'stranger%' then
        verdict := 'forbidden';
        return;
    end if;
    perform set_config('test.actor', p_actor, true);
    verdict := 'ok';
    account := p_actor;
    frame := '{}';
end;
$$;

create function echo() returns text language plpgsql stable as $$
begin
    return json_build_object('actor', current_setting('test.actor'), 'request', current_setting('test.request'),
                             'xid', pg_current_xact_id_if_assigned()::text, 'pid', pg_backend_pid())::text;
end;
$$;

create function thing_add(p_id uuid, p_kind text, out outcome text, out body text, out etag text, out location text)
language plpgsql as $$
begin
    if current_setting('test.actor') = '' then
        outcome := 'denied';
    else
        insert into thing values (p_id, current_setting('test.actor'), p_kind);
        outcome := 'created';
    end if;
    body := echo();
end;
$$;

create function thing_fail(p_id uuid, p_sqlstate text, out outcome text, out body text, out etag text, out location text)
language plpgsql as $$
begin
    insert into thing values (p_id, current_setting('test.actor'), 'failed');
    raise exception 'as asked' using errcode = p_sqlstate;
end;
$$;

-- A sequence does not roll back: the third attempt goes through.
create function thing_serialise(p_times integer, out outcome text, out body text, out etag text, out location text)
language plpgsql as $$
begin
    if nextval('attempt') % p_times <> 0 then
        raise exception 'not yet' using errcode = '40001';
    end if;
    outcome := 'ok';
    body := echo();
end;
$$;

create function hot_touch(p_first integer, p_second integer, out outcome text, out body text, out etag text, out location text)
language plpgsql as $$
begin
    update hot set n = n + 1 where id = p_first;
    perform pg_sleep(0.2);
    update hot set n = n + 1 where id = p_second;
    outcome := 'ok';
    body := echo();
end;
$$;

grant usage, create on schema public to runner;
grant select, insert, update on all tables in schema public to runner;
grant usage on all sequences in schema public to runner;
