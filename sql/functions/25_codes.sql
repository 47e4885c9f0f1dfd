-- Code lists as one document, which the server keeps in memory.
set role upstander_owner;

create or replace function code_lists() returns reply language plpgsql stable as $$
begin
    return reply_of('ok', (select json_object_agg(list, items)::text from (
        select c.list, json_agg(json_strip_nulls(json_build_object('code', c.code, 'label', c.labels ->> 'en', 'hint', c.hint)) order by c.sort) as items
          from code c where c.valid_from <= current_date and (c.valid_to is null or c.valid_to >= current_date) group by c.list
        union all
        select 'authority', json_agg(json_build_object('code', a.area, 'label', a.name,
            'group', case when a.in_partnership then 'In this partnership' else 'Elsewhere in England' end) order by not a.in_partnership, a.name) from area a
        union all
        select 'organisation', json_agg(json_build_object('code', o.slug, 'label', o.name) order by o.name) from organisation o
        union all
        -- The states of all pathways in force, for filters; a state that several of them have is one entry.
        select 'referral_state', (select json_agg(json_build_object('code', x.state, 'label', x.label) order by x.sort, x.state)
                                    from (select s.state, min(s.label) as label, min(s.sort) as sort
                                            from pathway_state s join pathway_version v on v.id = s.version_id and v.valid_to is null
                                           group by s.state) x)
        union all
        select 'pathway', json_agg(json_build_object('code', p.pathway, 'label', p.name) order by p.sort) from pathway p) l));
end;
$$;
reset role;
