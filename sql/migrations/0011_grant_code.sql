-- What binds the second person's confirmation of a role to the person who holds the account.
set role upstander_owner;
set search_path = upstander, pg_catalog;

create table grant_code (
    grant_id uuid primary key references role_grant,
    code     text not null check (code ~ '^[0-9]{6}$')
);
comment on table grant_code is 'Of a role that sees most: a code that only its account sees, and that whoever confirms the role must have been told by the person.';
reset role;
