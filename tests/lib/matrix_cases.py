"""A case in each relation to an actor, and who may see it by the rules of the design, worked out apart from the database's own
answer: the reporter, the lead of the reporter's organisation, and each desk that holds or held a referral of it; never a
person whom the case names, unless they reported it."""
import collections

from matrix import absent_reference, actors, child, colleague, file_report, give_birth_date, named, report, rows, sql, take

Case = collections.namedtuple('Case', 'reference referrals reporter incident_units referral_units named marker')
Case.__doc__ = """incident_units: units that see the case as a whole or any referral of it; referral_units: by pathway."""


def visible(actor, case):
    """Whether the actor may know that the case exists."""
    if actor.account.email == case.reporter:
        return True
    return actor.name not in case.named and bool(actor.account.units & case.incident_units)


def referral_visible(actor, case, pathway):
    if actor.account.email == case.reporter:
        return True
    return actor.name not in case.named and bool(actor.account.units & case.referral_units[pathway])


def lead_unit(slug):
    return sql("select u.id from unit u join organisation o on o.id = u.organisation_id where o.slug = '%s' and u.capability = 'LEAD'"
               % slug)


def desk_unit(pathway, area):
    return sql("select unit_id from desk where pathway = '%s' and area = '%s'" % (pathway, area))


class World:
    """The demonstration's people, and cases that stand in every relation to them."""

    def __init__(self):
        self.actors = actors()
        for actor in self.actors.values():
            give_birth_date(actor)
        self.own = self._sent('practitioner', 'example-school', 'lead', 'ownmarkerword')
        self.elsewhere = self._sent('practitioner.ips', 'example-ips', 'lead.ips', 'elsewheremarkerword')
        self.proposed = self._filed('practitioner.nhs', 'example-trust', [child(), colleague(workplace_authority='X01')],
                                    'proposedmarkerword')
        self.naming = {name: self.name_again(name) for name in self.actors}
        self.absent = {'incident': absent_reference('UP'), 'referral': absent_reference('RF')}

    def _filed(self, reporter, slug, people, marker, named_people=()):
        lead = frozenset([lead_unit(slug)])
        body = report(organisation=slug, narrative='It was %s again.' % marker, people=people)
        reference, referrals = file_report(self.actors[reporter], body)
        return Case(reference, referrals, reporter + '@example.test', lead, {pathway: lead for pathway in referrals},
                    frozenset(named_people), marker)

    def _sent(self, reporter, slug, lead, marker, more=(), named_people=()):
        """Filed, and both referrals confirmed by the lead, so that the desks have it."""
        case = self._filed(reporter, slug, [child(), colleague(), *more], marker, named_people)
        held = dict(case.referral_units)
        for pathway, referral in case.referrals.items():
            take(self.actors[lead], referral, 'confirm')
            held[pathway] |= {desk_unit(pathway, 'X12')}
        return case._replace(incident_units=frozenset().union(*held.values()), referral_units=held)

    def sent_on(self, marker):
        """Another case of the school that both desks have."""
        return self._sent('practitioner', 'example-school', 'lead.deputy', marker)

    def name_again(self, name):
        """A case of the school that names the account's own person: by name and birth date, or by e-mail address."""
        account = self.actors[name].account
        person = named(account) if len(name) % 2 else {'role': 'WITNESS', 'email': account.email.upper()}
        reporter = 'lead' if name == 'practitioner' else 'practitioner'
        lead = 'lead' if name == 'lead.deputy' else 'lead.deputy'
        return self._sent(reporter, 'example-school', lead, 'naming%smarker' % name.replace('.', ''), [person], [name])


def traces(case):
    """Everything by which a case could be recognised in an answer."""
    ids = rows("""select i.id from incident i where i.reference = '{0}' union all
                  select f.id from referral f join incident i on i.id = f.incident_id where i.reference = '{0}' union all
                  select p.id from incident_person p join incident i on i.id = p.incident_id where i.reference = '{0}'"""
               .format(case.reference))
    return [case.reference, *case.referrals.values(), case.marker, *(row[0] for row in ids)]
