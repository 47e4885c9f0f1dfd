-- Reports found: the list, and what it is filtered by.
set role upstander_owner;

-- Whether a clock of the case stands so, among those that the actor may see.
create or replace function incident_has_clock(p_incident uuid, p_status text) returns boolean language plpgsql stable as $$
declare
    v_now timestamptz := upstander_now();
begin
    return exists (select from referral f join clock c on c.referral_id = f.id
                    where f.incident_id = p_incident and clock_status(c.due_at, c.stopped_at, c.paused_at, c.not_applicable, v_now) = p_status);
end;
$$;

-- How a report stands for the actor. Only where there is still something to do can it stand otherwise for one who is shown a part.
create or replace function incident_stands(i incident) returns text language plpgsql stable as $$
begin
    return case when i.status = 'IN_PROGRESS' then incident_status(i) else i.status end;
end;
$$;

-- How far back one page looks when it is filtered: at p_most rows of each history that the actor has. NULL: to the beginning.
-- p_own: whether the reports that they sent are one of these.
create or replace function incident_list_least(p_before uuid, p_most integer, p_own boolean) returns uuid language plpgsql stable as $$
begin
    return (select max(x.id::text)::uuid from (
        select (select i.id from incident i where i.reporter_id = actor() and i.id < p_before order by i.id desc offset p_most - 1 limit 1)
         where p_own
        union all
        select (select a.incident_id from case_access a where a.unit_id = u and a.incident_id < p_before
                 order by a.incident_id desc offset p_most - 1 limit 1) from unnest(actor_units()) u) x(id));
end;
$$;

-- The reports that this actor may list, newest first: their own, and those shown to their units. Unit by unit over
-- an index; row level security is the net under it, not the filter. A filter that little fits must not read a whole history in one
-- statement: a filtered page looks at 5,000 rows of each, or at 1,000 where each row's referrals or clocks must be asked, and may be
-- short, or empty, and still say where the list goes on. Clocks are never shown to a reporter as such.
create or replace function incident_list(p_status text, p_kind text, p_strand text, p_pathway text, p_ref text, p_from date, p_to date,
                                         p_cursor text, p_limit integer, p_organisation text default null, p_clock text default null)
returns reply language plpgsql as $$
declare
    v_before uuid := coalesce(nullif(p_cursor, '')::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    v_from timestamptz := p_from::timestamp at time zone 'Europe/London';
    v_until timestamptz := (p_to + 1)::timestamp at time zone 'Europe/London';
    v_organisation uuid := (select id from organisation where slug = p_organisation);
    v_least uuid := uuid '00000000-0000-0000-0000-000000000000';
    v_most uuid := uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    v_further uuid;
    v_items json;
    v_next text;
begin
    if actor() is null then
        return reply_of('denied');
    end if;
    if p_ref is not null then
        v_most := coalesce((select id from incident where reference = p_ref), v_least);
        v_least := v_most;
    elsif num_nonnulls(p_status, p_kind, p_strand, p_pathway, p_organisation, p_clock, p_from, p_to) > 0 then
        v_further := incident_list_least(v_before, case when p_status is null and p_clock is null then 5000 else 1000 end, p_clock is null);
        v_least := coalesce(v_further, v_least);
    end if;
    perform audit_append('VIEW', 'incidents', null, false,
        jsonb_strip_nulls(jsonb_build_object('status', p_status, 'kind', p_kind, 'strand', p_strand, 'pathway', p_pathway,
                                             'organisation', p_organisation, 'clock', p_clock, 'from', p_from, 'to', p_to)));
    with found as (
        (select i.id from incident i
          where p_clock is null and i.reporter_id = actor() and i.id < v_before and i.id between v_least and v_most
            and (p_ref is null or i.reference = p_ref) and (p_status is null or incident_stands(i) = p_status) and (p_kind is null or i.kind = p_kind)
            and (p_organisation is null or i.organisation_id = v_organisation)
            and (p_from is null or i.submitted_at >= v_from) and (p_to is null or i.submitted_at < v_until)
            and (p_strand is null or exists (select from incident_code c where c.incident_id = i.id and c.list = 'racism_strand' and c.code = p_strand))
            -- One whom their report names is shown no referral; they find it by the pathways that they were told of, as any reporter.
            and (p_pathway is null or exists (select from referral f where f.incident_id = i.id and f.pathway = p_pathway)
                 or exists (select from case_exclusion x where x.incident_id = i.id and x.account_id = actor() and x.cleared_at is null)
                    and exists (select from referrals_reported(i.id) f where f.pathway = p_pathway))
          order by i.id desc limit p_limit + 1)
        union
        select s.id from unnest(actor_units()) u
          cross join lateral (
            select i.id from case_access a join incident i on i.id = a.incident_id
             where a.unit_id = u and a.incident_id < v_before and a.incident_id between v_least and v_most and (a.until is null or a.until > clock_timestamp())
               and (p_ref is null or i.reference = p_ref) and (p_status is null or incident_stands(i) = p_status) and (p_kind is null or i.kind = p_kind)
               and (p_organisation is null or i.organisation_id = v_organisation)
               and (p_from is null or i.submitted_at >= v_from) and (p_to is null or i.submitted_at < v_until)
               and (p_strand is null or exists (select from incident_code c where c.incident_id = i.id and c.list = 'racism_strand' and c.code = p_strand))
               and (p_pathway is null or exists (select from referral f where f.incident_id = i.id and f.pathway = p_pathway))
               and (p_clock is null or incident_has_clock(i.id, p_clock))
             order by a.incident_id desc limit p_limit + 1) s
    ), page as (
        select i.*, incident_status(i) as seen from incident i join found using (id) order by i.id desc limit p_limit + 1
    ), numbered as (select p.*, row_number() over (order by p.id desc) as rank from page p)
    select coalesce(json_agg(json_build_object('reference', n.reference, 'kind', n.kind, 'status', n.seen,
               'submitted_at', instant(n.submitted_at), 'occurred_on', n.occurred_on, 'harm', n.harm, 'immediate_danger', n.immediate_danger,
               'mine', n.reporter_id = actor(), 'organisation', o.slug, 'organisation_name', o.name) order by n.id desc)
               filter (where n.rank <= p_limit), '[]'),
           (array_agg(n.id order by n.id desc) filter (where n.rank = p_limit))[1]::text || case when max(n.rank) > p_limit then '' end
      into v_items, v_next from numbered n join organisation o on o.id = n.organisation_id;
    return reply_of('ok', json_build_object('items', v_items)::text, null, coalesce(v_next, v_further::text));
end;
$$;
reset role;
