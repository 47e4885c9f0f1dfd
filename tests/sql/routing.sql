-- Which referrals the facts of a report propose, and why (domain 4.3): data/routing.tsv, a row a case. What is proposed is
-- written as pathway, authority and the keys of the reasons (data/routing-reasons.tsv) in the order of the alphabet.
select no_plan();
create table test.routing (facts text, organisation text, occurred_in text, harm text, danger text, people text, proposes text);
create table test.routing_reason (key text, because text);
\copy test.routing from 'data/routing.tsv' with (header)
\copy test.routing_reason from 'data/routing-reasons.tsv' with (header)
grant select on test.routing, test.routing_reason to public;

-- 'ROLE works=YES workplace=X12 home=X01 after=X12 age=12; ROLE ...'
create function test.people(p_people text) returns jsonb language plpgsql as $$
begin
    return (select coalesce(jsonb_agg(test.person(split_part(p, ' ', 1), jsonb_strip_nulls(jsonb_build_object(
                'works_with_children', coalesce(substring(p from ' works=(\S+)'), 'NO'),
                'workplace_authority', substring(p from ' workplace=(\S+)'), 'home_authority', substring(p from ' home=(\S+)'),
                'looked_after_by', substring(p from ' after=(\S+)'), 'age', substring(p from ' age=(\d+)')::integer))) order by n), '[]')
              from regexp_split_to_table(nullif(p_people, ''), '; ') with ordinality x(p, n));
end;
$$;
create function test.routing_facts(r test.routing) returns jsonb language plpgsql as $$
begin
    return test.facts(jsonb_build_object('organisation', r.organisation, 'harm', r.harm, 'immediate_danger', r.danger = 'yes',
        'people', test.people(r.people))) - 'occurred_in'
        || jsonb_strip_nulls(jsonb_build_object('occurred_in', nullif(r.occurred_in, '')));
end;
$$;
grant execute on function test.people(text), test.routing_facts(test.routing) to public;

set role upstander_serve;
select is(coalesce((select string_agg(concat_ws(' ', p.pathway, coalesce(p.area, '-'),
                        (select string_agg(key, ' ' order by key collate "C") from test.routing_reason where strpos(p.because, routing_reason.because) > 0)), '; '
                        order by p.pathway, coalesce(p.area, '-') collate "C")
                      from route_propose(test.routing_facts(r)) p), '-'), r.proposes, r.facts)
  from test.routing r;

select is((select string_agg(distinct p.because, ' ')
             from test.routing r, route_propose(test.routing_facts(r)) p
            where length(p.because) <> (select sum(length(because) + 1) - 1 from test.routing_reason
                                         where strpos(p.because, routing_reason.because) > 0)), null,
          'a proposal gives its reasons and nothing else');
select is((select string_agg(distinct p.pathway || ' ' || p.area || ' ' || p.desk_name, ', ')
             from test.routing r, route_propose(test.routing_facts(r)) p
            where p.desk_name is distinct from case when p.pathway = 'AGENCY' then case r.organisation when 'charity' then 'A charity of no one place' else 'Example School' end
                       when coalesce(p.area, '-') not in ('X12', 'X01') then 'The partnership'
                       else case p.area when 'X12' then 'Harbourside ' else 'Old Quay ' end
                            || case when p.pathway = 'LADO' then 'LADO' when p.area = 'X12' then 'MASH' else 'front door' end end), null,
          'each proposal goes to the desk of its authority, and to the desk of none where there is no such desk');
select cmp_ok((select count(*) from test.routing), '>=', 60::bigint, 'the table holds sixty sets of facts');
select is((select string_agg(key, ' ') from test.routing_reason
            where not exists (select from test.routing where proposes ~ ('\m' || key || '\M'))), null, 'every reason is met by some facts');

select is((select count(*) from route_propose(test.facts('{"kind": "GOOD_PRACTICE"}'))), 0::bigint, 'what was done well is referred to nobody');

-- The preview is the same answer, and leaves nothing.
begin;
select is(test.sign_in('practitioner', 'INCIDENT_CREATE'), 'ok', 'a practitioner may ask what a report would propose');
select is((select json_agg(x ->> 'pathway')::text from json_array_elements((incident_preview(test.facts())).body::json -> 'referrals') x),
          '["LADO", "MASH"]', 'and is told the pathways');
reset role;
select is((select count(*) from incident) + (select count(*) from referral) + (select count(*) from outbox), 0::bigint, 'a preview stores nothing');
set role upstander_serve;
select is(test.sign_in('nobody'), 'unauthenticated', 'a stranger has no session');
select is((incident_preview(test.facts())).outcome, 'denied', 'and is told nothing');
commit;
select * from finish();
