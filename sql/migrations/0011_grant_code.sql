-- What binds the second person's confirmation of a role to the person who holds the account.
set role upstander_owner;
set search_path = upstander, pg_catalog;

create table grant_code (
    grant_id uuid primary key references role_grant,
    code     text not null check (code ~ '^[0-9]{6}$')
);
comment on table grant_code is 'Of a role that sees most: a code that only its account sees, and that whoever confirms the role must have been told by the person.';
insert into grant_code (grant_id, code)
select g.id, lpad((('x' || encode(public.gen_random_bytes(4), 'hex'))::bit(32)::bigint % 1000000)::text, 6, '0')
  from role_grant g join role r using (role) where r.sees_most and g.confirmed_at is null and g.ended_at is null;
reset role;
