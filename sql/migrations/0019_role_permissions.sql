-- What a role may, in one text beside the role: every request asks for all of it. Kept by a trigger on role_permission, which rules.
set search_path = upstander, pg_catalog;

set role upstander_owner;
alter table role add column permissions text not null default '';
comment on column role.permissions is 'The role''s rows of role_permission, each with a comma behind it. Never written by hand.';
-- Reference data is loaded in a transaction of its own, after the functions that read this.
update role r set permissions = coalesce((select string_agg(p.permission || ',', '' order by p.permission) from role_permission p
                                           where p.role = r.role), '');
reset role;
