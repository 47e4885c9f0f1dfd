-- Code lists as one document, which the server keeps in memory.
set role upstander_owner;

create or replace function code_lists() returns reply language plpgsql stable as $$
begin
    return reply_of('ok', (select json_object_agg(list, items)::text from (
        select c.list, json_agg(json_strip_nulls(json_build_object('code', c.code, 'label', c.labels ->> 'en', 'hint', c.hint)) order by c.sort) as items
          from code c where c.valid_from <= current_date and (c.valid_to is null or c.valid_to >= current_date) group by c.list
        union all
        select 'authority', json_agg(json_build_object('code', a.area, 'label', a.name) order by not a.in_partnership, a.name) from area a
        union all
        select 'organisation', json_agg(json_build_object('code', o.slug, 'label', o.name) order by o.name) from organisation o
        union all
        select 'pathway', json_agg(json_build_object('code', p.pathway, 'label', p.name) order by p.sort) from pathway p) l));
end;
$$;
reset role;
