-- Pathway definitions: data under config/pathways, exploded into tables so that foreign keys can hold referrals to them.
set role upstander_owner;

-- What a definition may speak of: roles, capabilities, classes of retention, codes by list. src/pathway/definition.c checks against it.
create or replace function definition_vocabulary() returns text language plpgsql stable as $$
begin
    return json_build_object(
        'roles', (select json_agg(role) from role), 'capabilities', (select json_agg(capability) from capability),
        'retention_classes', (select json_agg(class) from retention_class),
        'lists', (select json_object_agg(list, codes) from (select list, json_agg(code) as codes from code
                   where valid_to is null or valid_to >= current_date group by list) c))::text;
end;
$$;

-- Installs a definition. The same text again changes nothing; another text becomes the next version and the one in
-- force until now is valid to the day before; open referrals stay on theirs. Returns the version's number.
-- The definition was checked whole beforehand (src/pathway/definition.c); what the tables can refuse, they refuse.
create or replace function pathway_install(p_definition jsonb) returns integer language plpgsql as $$
declare
    v_pathway constant text := p_definition ->> 'pathway';
    v_hash constant text := encode(sha256(convert_to(p_definition::text, 'UTF8')), 'hex');
    v_version uuid := gen_random_uuid();
    v_number integer;
    v_from date := (p_definition ->> 'valid_from')::date;
begin
    select number into v_number from pathway_version where pathway = v_pathway and sha256 = v_hash and valid_to is null;
    if found then
        return v_number;
    end if;
    insert into pathway (pathway, name, sort)
    values (v_pathway, p_definition ->> 'name', (p_definition ->> 'sort')::integer)
        on conflict (pathway) do update set name = excluded.name, sort = excluded.sort;
    select coalesce(max(number), 0) + 1 into v_number from pathway_version where pathway = v_pathway;
    update pathway_version set valid_to = greatest(valid_from, current_date) where pathway = v_pathway and valid_to is null;
    insert into pathway_version (id, pathway, number, valid_from, source, verified_on, sha256, definition, desk_capability,
                                 retention_class)
    values (v_version, v_pathway, v_number, v_from, p_definition ->> 'source', (p_definition ->> 'verified_on')::date, v_hash,
            p_definition, p_definition ->> 'desk', p_definition ->> 'retention');
    insert into pathway_state (version_id, state, label, about, reporter_label, held_by, initial, final, sort)
    select v_version, s ->> 'state', s ->> 'label', s ->> 'about', s ->> 'reporter_label', s ->> 'held_by',
           coalesce((s ->> 'initial')::boolean, false), coalesce((s ->> 'final')::boolean, false), n
      from jsonb_array_elements(p_definition -> 'states') with ordinality x(s, n);
    insert into pathway_transition (version_id, from_state, transition, to_state, label, side, trigger_event, form, sort)
    select v_version, f, t ->> 'transition', t ->> 'to', t ->> 'label', t ->> 'side', t ->> 'trigger',
           coalesce(t -> 'form', '{"fields": []}'), n
      from jsonb_array_elements(p_definition -> 'transitions') with ordinality x(t, n), jsonb_array_elements_text(t -> 'from') f;
    insert into pathway_transition_role (version_id, from_state, transition, role)
    select v_version, f, t ->> 'transition', r
      from jsonb_array_elements(p_definition -> 'transitions') t, jsonb_array_elements_text(t -> 'from') f,
           jsonb_array_elements_text(coalesce(t -> 'roles', '[]')) r;
    insert into pathway_clock (version_id, clock, label, indicator, amount, unit, start_on, start_state, source, verified_on, sort)
    select v_version, c ->> 'clock', c ->> 'label', c ->> 'indicator', (c ->> 'amount')::integer, c ->> 'unit',
           c ->> 'start', c ->> 'start_state', c ->> 'source', (c ->> 'verified_on')::date, n
      from jsonb_array_elements(p_definition -> 'clocks') with ordinality x(c, n);
    insert into pathway_clock_stop (version_id, clock, state, not_applicable)
    select v_version, c ->> 'clock', s, m.member = 'not_applicable'
      from jsonb_array_elements(p_definition -> 'clocks') c, (values ('stops'), ('not_applicable')) m(member),
           jsonb_array_elements_text(coalesce(c -> m.member, '[]')) s;
    insert into pathway_rule (version_id, n, kinds, otherwise, person_roles, works_with_children, harm, immediate_danger, age_from, age_to,
                              geography, because, not_known)
    select v_version, n, array(select jsonb_array_elements_text(coalesce(r -> 'kinds', '["INCIDENT", "OBSERVATION"]'))),
           coalesce((r ->> 'otherwise')::boolean, false), array(select jsonb_array_elements_text(coalesce(r -> 'person_roles', '[]'))),
           case when r ? 'works_with_children' then array(select jsonb_array_elements_text(r -> 'works_with_children')) end,
           case when r ? 'harm' then array(select jsonb_array_elements_text(r -> 'harm')) end,
           (r ->> 'immediate_danger')::boolean, (r ->> 'age_from')::smallint, (r ->> 'age_to')::smallint,
           array(select jsonb_array_elements_text(r -> 'geography')), r ->> 'because', r ->> 'not_known'
      from jsonb_array_elements(p_definition -> 'rules') with ordinality x(r, n);
    return v_number;
end;
$$;
reset role;
