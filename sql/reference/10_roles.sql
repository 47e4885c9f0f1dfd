-- Capabilities, permissions and roles (domain 0.1).
set role upstander_owner;
insert into capability (capability, about) values
    ('LEAD', 'Safeguarding leads of an agency: confirm, change or decline what the rules propose'),
    ('MASH', 'The front door of children''s social care of an authority'),
    ('LADO', 'The designated officer of an authority'),
    ('CASEWORK', 'Social workers and reviewing officers of an authority'),
    ('POLICE', 'The liaison of a police force'),
    ('EMPLOYER', 'Case managers of an employer; each case is granted by itself'),
    ('INTAKE', 'Reads reports made without an account, and sends what leaves the partnership'),
    ('QA', 'Quality assurance of the partnership'),
    ('OVERSIGHT', 'Sees figures, no cases')
on conflict (capability) do update set about = excluded.about;

insert into permission (permission, about) values
    ('INCIDENT_CREATE', 'Send a report'),
    ('INCIDENT_READ', 'Read reports that one sent or that are shown to one''s unit'),
    ('INCIDENT_ADD', 'Add information to a report'),
    ('REFERRAL_READ', 'See the queue and referrals of one''s unit'),
    ('REFERRAL_TAKE', 'Take the steps of a pathway'),
    ('SCRUTINY_READ', 'See the figures of the whole partnership'),
    ('SCRUTINY_OWN', 'See response times and other figures, of one''s own agency unless more is given'),
    ('SCRUTINY_SMALL', 'See figures of fewer than five as well'),
    ('AUDIT_READ', 'Read the audit trail'),
    ('ACCOUNT_MANAGE', 'Invite people, give and end roles'),
    ('GRANT_CONFIRM', 'Confirm a role that sees most, as the second person'),
    ('EXCLUSION_CLEAR', 'Clear a match by name alone')
on conflict (permission) do update set about = excluded.about;

insert into role (role, label, capability, sees_most, sort) values
    ('LADO', 'LADO', 'LADO', true, 10),
    ('MASH_MANAGER', 'MASH manager', 'MASH', false, 20),
    ('MASH_SCREENER', 'MASH screener', 'MASH', false, 25),
    ('AGENCY_LEAD', 'Safeguarding lead', 'LEAD', false, 30),
    ('LADO_ADMIN', 'LADO administrator', 'LADO', true, 40),
    ('SOCIAL_WORKER', 'Social worker', 'CASEWORK', false, 50),
    ('IRO', 'Independent reviewing officer', 'CASEWORK', false, 55),
    ('POLICE_LIAISON', 'Police liaison', 'POLICE', false, 60),
    ('EMPLOYER_CM', 'Employer case manager', 'EMPLOYER', false, 65),
    ('PARTNERSHIP_INTAKE', 'Partnership intake', 'INTAKE', false, 70),
    ('QA_AUDITOR', 'Auditor', 'QA', true, 80),
    ('ISCC', 'Independent Safeguarding Children Commissioner', 'OVERSIGHT', false, 85),
    ('LEADER', 'Leader', 'OVERSIGHT', false, 90),
    ('SCRUTINY', 'Scrutiny', 'OVERSIGHT', false, 95),
    ('DPO', 'Data protection officer', null, true, 100),
    ('SYSADMIN', 'Administrator', null, true, 110),
    ('REPORTER', 'Practitioner', null, false, 200)
on conflict (role) do update set label = excluded.label, capability = excluded.capability, sees_most = excluded.sees_most, sort = excluded.sort;

delete from role_permission;
insert into role_permission (role, permission)
select r, p from (values
    ('REPORTER', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD}'::text[]),
    ('AGENCY_LEAD', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ,REFERRAL_TAKE}'),
    ('MASH_SCREENER', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ,REFERRAL_TAKE}'),
    ('MASH_MANAGER', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ,REFERRAL_TAKE}'),
    ('LADO', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ,REFERRAL_TAKE}'),
    ('LADO_ADMIN', '{INCIDENT_READ,REFERRAL_READ}'),
    ('SOCIAL_WORKER', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ}'),
    ('IRO', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ}'),
    ('POLICE_LIAISON', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ}'),
    ('EMPLOYER_CM', '{INCIDENT_READ,REFERRAL_READ}'),
    ('PARTNERSHIP_INTAKE', '{INCIDENT_CREATE,INCIDENT_READ,INCIDENT_ADD,REFERRAL_READ,REFERRAL_TAKE}'),
    ('QA_AUDITOR', '{INCIDENT_READ,REFERRAL_READ,SCRUTINY_OWN,SCRUTINY_READ,SCRUTINY_SMALL,AUDIT_READ}'),
    ('ISCC', '{SCRUTINY_OWN,SCRUTINY_READ,SCRUTINY_SMALL}'),
    ('LEADER', '{SCRUTINY_OWN}'),
    ('SCRUTINY', '{SCRUTINY_OWN,SCRUTINY_READ}'),
    ('DPO', '{AUDIT_READ,EXCLUSION_CLEAR,GRANT_CONFIRM}'),
    ('SYSADMIN', '{ACCOUNT_MANAGE,GRANT_CONFIRM}')) x(r, ps), unnest(ps) p;

insert into retention_class (class, about, basis, years, days, review_years, source) values
    ('INCIDENT', 'A report, and what came of it unless its pathway says otherwise', 'BIRTH_OF_YOUNGEST_CHILD', 25, 0, null,
     'Local policy seed: to the 25th birthday, as schools keep child protection files'),
    ('INCIDENT_ADULTS', 'A report that names people and no child', 'LAST_ACTION', 6, 0, null, 'Local policy seed: six years from the last action'),
    ('LADO', 'An allegation against a person who works with children', 'BIRTH_OF_SUBJECT', 100, 0, 10,
     'LADO retention schedules of Devon and of the North West: 100 years from the birth of the person concerned; what was unfounded, malicious, false or not progressed is reviewed ten years after its close'),
    ('DRAFT', 'A report that was not sent', 'LAST_ACTION', 0, 90, null, 'Local policy seed')
on conflict (class) do update set about = excluded.about, basis = excluded.basis, years = excluded.years, days = excluded.days,
    review_years = excluded.review_years, source = excluded.source;

insert into site (key, value, about) values
    ('demonstration', 'no', 'yes: the data is invented; every page says so, and the demonstration password is accepted'),
    ('second_factor', 'required', 'required or optional, for roles that see most'),
    ('idle_minutes', '30', 'A session without activity ends after so many minutes'),
    ('due_time', '23:59:59', 'When a day''s deadline falls, London time'),
    ('receipt_convention', 'A', 'A: day 1 is the working day after receipt. B: a receipt on a day off is first moved to the next working day'),
    ('retention_agreed', 'no', 'yes: the partnership has agreed the retention schedule')
on conflict (key) do nothing;
reset role;
