-- Signing in, sessions, passwords and the second factor. The server computes and compares what is secret; these functions
-- count the tries, keep the hashes and write the events. They answer alike for an account that is there and one that is not.
set role upstander_gate;

-- Seconds until a bucket takes another try, 0 when it does now: at most p_most failures in five minutes.
create or replace function sign_in_wait(p_bucket text, p_most integer) returns integer language plpgsql stable as $$
begin
    return coalesce((select greatest(1, ceil(extract(epoch from f.at + interval '5 minutes' - clock_timestamp())))::integer
                       from sign_in_failure f
                      where f.bucket = p_bucket and f.at > clock_timestamp() - interval '5 minutes'
                      order by f.at desc offset p_most - 1 limit 1), 0);
end;
$$;

-- Counts a try before its answer is known, so that many at once do not slip through; a good answer takes it back. NULL with
-- the seconds to wait when the buckets are full. Ten tries for an account from anywhere, ten more from a browser in which it
-- has signed in before, so that somebody else's guesses keep nobody out; 300 failures from one address, which may be a school.
create or replace function sign_in_try(p_own text, p_address text, out attempts jsonb, out wait integer) language plpgsql as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended(p_own, 0)) then
        wait := 1;
        return;
    end if;
    wait := greatest(sign_in_wait(p_own, 10), sign_in_wait('address:' || p_address, 300));
    if wait = 0 then
        with tries as (insert into sign_in_failure (bucket) values (p_own), ('address:' || p_address) returning id)
        select jsonb_agg(id) into attempts from tries;
    end if;
end;
$$;

create or replace function sign_in_forget(p_attempts jsonb) returns void language plpgsql as $$
begin
    delete from sign_in_failure where id in (select jsonb_array_elements_text(p_attempts)::bigint);
end;
$$;

-- What the server needs to judge a sign-in: the stored hash, the sealed second factor. NULLs for nobody.
--   p_email     as given           p_bucket    keyed digest of it
--   p_device    hash of the device's cookie, or NULL      p_address   keyed digest of the address
create or replace function session_begin(p_email text, p_bucket text, p_device text, p_address text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    f second_factor;
    t record;
begin
    select * into a from account where email = lower(p_email) and ended_at is null;
    select * into t from sign_in_try(
        case when exists (select from account_device d where d.account_id = a.id and d.hash = p_device)
             then 'device:' || p_device || p_bucket else 'account:' || p_bucket end, p_address);
    if t.wait > 0 then
        -- No event: the failures that led here are events already, and a flood must not fill the trail.
        return reply_of('throttled', json_build_object('retry_after', t.wait)::text);
    end if;
    select * into f from second_factor where account_id = a.id and confirmed_at is not null;
    return reply_of('ok', json_build_object('attempts', t.attempts, 'account', a.id, 'password', a.password, 'secret', f.secret,
        'demonstration', coalesce(site_value('demonstration'), 'no') = 'yes')::text);
end;
$$;

-- A sign-in that failed. The count stands already; this is its event.
create or replace function session_refuse(p_account uuid, p_why text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    perform audit_append('DENY', 'session', null, false, jsonb_strip_nulls(jsonb_build_object('why', p_why, 'account', p_account)));
    return reply_of('ok');
end;
$$;

-- The password was right but the second factor is still to come: not a failure and not yet a session.
create or replace function session_half(p_attempts jsonb) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    perform sign_in_forget(p_attempts);
    return reply_of('ok');
end;
$$;

-- Starts a session. p_step and p_recovery: the second factor that was given; each is good once, which is held here, where two
-- requests cannot both win. p_held: the session whose form is to be given back. 'absent' when it came to nothing.
create or replace function session_start(p_account uuid, p_attempts jsonb, p_hash text, p_kind text, p_hours integer, p_device text,
    p_about text, p_step bigint, p_recovery text, p_rehash text, p_held text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    s session;
    v_frame jsonb;
    v_role text;
    v_sees_most boolean;
begin
    select * into a from account where id = p_account and ended_at is null and password is not null for no key update;
    if found and p_step is not null then
        update second_factor set last_step = p_step
         where account_id = p_account and confirmed_at is not null and last_step < p_step returning account_id into a.id;
    elsif found and p_recovery is not null then
        update recovery_code set used_at = clock_timestamp()
         where account_id = p_account and hash = p_recovery and used_at is null returning account_id into a.id;
    end if;
    if a.id is null then
        perform audit_append('DENY', 'session', null, false, jsonb_build_object('why', 'second_factor_used', 'account', p_account));
        return reply_of('absent');
    end if;
    perform sign_in_forget(p_attempts);
    if p_rehash is not null then
        update account set password = p_rehash where id = p_account;
    end if;
    perform set_config('upstander.account', a.id::text, true);
    select coalesce((array_agg(g.role order by r.sort))[1], 'NONE'), bool_or(r.sees_most)
      into v_role, v_sees_most from role_grant g join role r using (role) where g.account_id = a.id and grant_counts(g);
    perform set_config('upstander.role', v_role, true);
    insert into session (hash, account_id, kind, expires_at, second_factor, device)
    values (p_hash, a.id, p_kind, clock_timestamp() + make_interval(hours => p_hours), p_step is not null or p_recovery is not null,
            p_about) returning * into s;
    perform audit_append('LOGIN', 'session ' || s.id, null, false,
                         jsonb_build_object('second_factor', s.second_factor, 'kind', p_kind));
    if p_device is not null then
        insert into account_device (account_id, hash) values (a.id, p_device)
            on conflict (account_id, hash) do update set seen_at = clock_timestamp();
    end if;
    v_frame := context_frame(a.id, '{}', '')::jsonb;
    perform context_clear(current_setting('upstander.request', true), current_setting('upstander.address', true));
    return reply_of('created', json_build_object('expires_at', instant(s.expires_at), 'actor', v_frame -> 'actor',
        'must_change', a.must_change,
        'second_factor_needed', coalesce(v_sees_most, false) and not s.second_factor
            and coalesce(site_value('second_factor'), 'required') = 'required',
        'held_is_mine', exists (select from session h where h.hash = p_held and h.account_id = a.id))::text);
end;
$$;

-- The actor, its session and what it may do.
create or replace function session_get() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
begin
    select * into a from account where id = actor();
    if not found then
        return reply_of('denied');
    end if;
    return reply_of('ok', (context_frame(a.id, actor_units(), current_setting('upstander.permissions', true))::jsonb
        || (select jsonb_build_object('session', s.id, 'expires_at', instant(s.expires_at), 'second_factor', s.second_factor)
              from session s where s.hash = current_setting('upstander.session', true)))::text);
end;
$$;

create or replace function session_leave() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_id uuid;
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    update session set ended_at = clock_timestamp() where hash = current_setting('upstander.session', true) and ended_at is null
        returning id into v_id;
    perform audit_append('UPDATE', 'session ' || v_id || ' end', null, false);
    return reply_of('ok');
end;
$$;

-- The actor's sessions that are in force, and what the account page says besides.
create or replace function session_list() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    return reply_of('ok', (select json_build_object('items', (
            select json_agg(json_build_object('id', s.id, 'kind', s.kind, 'device', coalesce(s.device, 'Unknown'),
                       'created_at', instant(s.created_at), 'seen_at', instant(s.seen_at), 'expires_at', instant(s.expires_at),
                       'second_factor', s.second_factor, 'this', s.hash = current_setting('upstander.session', true)) order by s.seen_at desc)
              from session s where s.account_id = a.id and s.ended_at is null and s.expires_at > clock_timestamp()
               and s.seen_at > clock_timestamp() - make_interval(mins => coalesce(site_value('idle_minutes'), '30')::integer)),
        'waiting', (select coalesce(json_agg(json_build_object('label', r.label, 'organisation_name', o.name, 'code', c.code) order by r.sort), '[]')
                      from role_grant g join grant_code c on c.grant_id = g.id join role r using (role) join organisation o on o.id = g.organisation_id
                     where g.account_id = a.id and g.confirmed_at is null and g.ended_at is null),
        'birth_date', a.birth_date,
        'enrolled', exists (select from second_factor f where f.account_id = a.id and f.confirmed_at is not null))::text
        from account a where a.id = actor()));
end;
$$;

create or replace function session_end(p_session uuid) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    update session set ended_at = clock_timestamp() where id = p_session and account_id = actor() and ended_at is null;
    if not found then
        return reply_absent('session');
    end if;
    perform audit_append('UPDATE', 'session ' || p_session || ' end', null, false);
    return reply_of('ok', null, null, '/account');
end;
$$;

create or replace function session_end_others() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_count integer;
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    update session set ended_at = clock_timestamp()
     where account_id = actor() and ended_at is null and hash <> current_setting('upstander.session', true);
    get diagnostics v_count = row_count;
    perform audit_append('UPDATE', 'sessions end', null, false, jsonb_build_object('ended', v_count));
    return reply_of('ok', null, null, '/account');
end;
$$;

-- Notes that these sessions were used. Neither a change of a case nor a request: no event.
create or replace function session_touch(p_hashes jsonb) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    update session s set seen_at = clock_timestamp()
      from (select h from jsonb_array_elements_text(p_hashes) h order by h) x
     where s.hash = x.h and s.ended_at is null;
    return reply_of('ok');
end;
$$;

-- --- Passwords --------------------------------------------------------------------------------------------------------------

-- What is needed to change one's password: the present hash, and the name and address it may not contain.
create or replace function password_begin(p_address text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    t record;
begin
    select * into a from account where id = actor();
    if not found then
        return reply_of('denied');
    end if;
    select * into t from sign_in_try('password:' || a.id, p_address);
    if t.wait > 0 then
        return reply_of('throttled', json_build_object('retry_after', t.wait)::text);
    end if;
    return reply_of('ok', json_build_object('attempts', t.attempts, 'password', a.password, 'name', a.name, 'email', a.email)::text);
end;
$$;

-- Sets the actor's new password and ends their other sessions. p_present is the hash that was compared: somebody else may have
-- changed it meanwhile.
create or replace function password_set(p_attempts jsonb, p_present text, p_password text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    perform sign_in_forget(p_attempts);
    update account set password = p_password, password_at = clock_timestamp(), must_change = false
     where id = actor() and password = p_present;
    if not found then
        return reply_of('conflict');
    end if;
    perform audit_append('UPDATE', 'account ' || actor() || ' password', null, false);
    update session set ended_at = clock_timestamp()
     where account_id = actor() and ended_at is null and hash <> current_setting('upstander.session', true);
    update account_token set used_at = clock_timestamp() where account_id = actor() and used_at is null;
    return reply_of('ok', null, null, '/account');
end;
$$;

-- Asks for a way back in. Answers alike whether or not there is such an account; leaves a row for the post when there is.
-- Bounded on both sides: 60 in five minutes from one address, and three letters an hour to one account, the fourth silently
-- not sent, since the three before it are still good.
create or replace function password_reset_ask(p_email text, p_address text, p_token text, p_sealed text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    a account;
    v_bucket text := 'reset:' || p_address;
    v_wait integer;
    v_sent boolean := false;
begin
    perform pg_advisory_xact_lock(hashtextextended(v_bucket, 0));
    v_wait := sign_in_wait(v_bucket, 60);
    if v_wait > 0 then
        return reply_of('throttled', json_build_object('retry_after', v_wait)::text); -- no event, as with signing in
    end if;
    insert into sign_in_failure (bucket) values (v_bucket);
    select * into a from account where email = lower(p_email) and ended_at is null and password is not null for no key update;
    if found and (select count(*) from account_token t where t.account_id = a.id and t.purpose = 'RESET'
                     and t.created_at > clock_timestamp() - interval '1 hour') < 3 then
        perform token_leave(a.id, 'RESET', p_token, p_sealed);
        v_sent := true;
    end if;
    perform audit_append('UPDATE', 'password reset', null, false,
                         jsonb_strip_nulls(jsonb_build_object('account', a.id, 'sent', case when a.id is not null then v_sent end)));
    return reply_of('ok');
end;
$$;

-- Whom a token is for, while it is good. p_token is the hash of its text.
create or replace function token_get(p_token text, p_purpose text) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return coalesce((select reply_of('ok', json_build_object('email', a.email, 'name', a.name, 'purpose', t.purpose,
                                                              'expires_at', instant(t.expires_at))::text)
                       from account_token t join account a on a.id = t.account_id
                      where t.hash = p_token and t.purpose = p_purpose and t.used_at is null and t.expires_at > clock_timestamp()
                        and a.ended_at is null), reply_of('absent'));
end;
$$;

-- Uses a token: sets the password, and with an invitation what the person says of themselves. Once.
create or replace function token_use(p_token text, p_purpose text, p_password text, p_name text, p_birth date, p_indexes jsonb)
returns reply language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
declare
    v_account uuid;
begin
    update account_token set used_at = clock_timestamp()
     where hash = p_token and purpose = p_purpose and used_at is null and expires_at > clock_timestamp()
    returning account_id into v_account;
    update account set password = p_password, password_at = clock_timestamp(), must_change = false,
           name = case p_purpose when 'INVITATION' then p_name else name end,
           birth_date = case p_purpose when 'INVITATION' then p_birth else birth_date end
     where id = v_account and ended_at is null;
    if not found then
        return reply_of('absent');
    end if;
    perform set_config('upstander.account', v_account::text, true);
    perform audit_append('UPDATE', 'account ' || v_account || ' password', null, false, jsonb_build_object('by', p_purpose));
    if p_purpose = 'INVITATION' then
        perform account_index_set(v_account, p_indexes);
    end if;
    update session set ended_at = clock_timestamp() where account_id = v_account and ended_at is null;
    update account_token set used_at = clock_timestamp() where account_id = v_account and used_at is null;
    perform context_clear(current_setting('upstander.request', true), current_setting('upstander.address', true));
    return reply_of('ok', null, null, null);
end;
$$;

-- --- Second factor ----------------------------------------------------------------------------------------------------------

create or replace function second_factor_get() returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    return coalesce((select reply_of('ok', json_build_object('account', a.id, 'email', a.email, 'enrolled', exists (
                        select from second_factor f where f.account_id = a.id and f.confirmed_at is not null))::text)
                       from account a where a.id = actor()), reply_of('denied'));
end;
$$;

-- Takes a second factor into use: the server has checked the first code, of time step p_step. Other sessions end; this one
-- has its second factor from now on. p_recovery: hashes of the recovery codes.
create or replace function second_factor_set(p_secret text, p_step bigint, p_recovery jsonb) returns reply
language plpgsql security definer set search_path = upstander, pg_catalog, pg_temp as $$
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    perform from account where id = actor() for no key update;
    if exists (select from second_factor where account_id = actor() and confirmed_at is not null) then
        return reply_of('conflict');
    end if;
    delete from recovery_code where account_id = actor();
    delete from second_factor where account_id = actor();
    insert into second_factor (account_id, secret, confirmed_at, last_step) values (actor(), p_secret, clock_timestamp(), p_step);
    insert into recovery_code (account_id, hash) select actor(), h from jsonb_array_elements_text(p_recovery) h;
    perform audit_append('UPDATE', 'account ' || actor() || ' second factor', null, false);
    update session set second_factor = true where hash = current_setting('upstander.session', true);
    update session set ended_at = clock_timestamp()
     where account_id = actor() and ended_at is null and hash <> current_setting('upstander.session', true);
    return reply_of('ok');
end;
$$;

-- Who may call what: the gate's other functions are its own.
grant execute on function session_begin(text, text, text, text), session_refuse(uuid, text), session_half(jsonb),
    session_start(uuid, jsonb, text, text, integer, text, text, bigint, text, text, text), session_get(), session_leave(),
    session_list(), session_end(uuid), session_end_others(), password_begin(text), password_set(jsonb, text, text),
    password_reset_ask(text, text, text, text), token_get(text, text), token_use(text, text, text, text, date, jsonb),
    second_factor_get(), second_factor_set(text, bigint, jsonb) to upstander_serve;
grant execute on function session_touch(jsonb) to upstander_serve, upstander_work;
reset role;
