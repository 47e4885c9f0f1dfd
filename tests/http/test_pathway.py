"""A new pathway is one file: no line of C, no migration. And a file with a mistake in it is not installed."""
import os
import subprocess
import tempfile

import database
from client import Api, Pages, case, expect, expect_in, expect_problem, run
from report import file_report, person, referral_of, take

HERE = os.path.dirname(os.path.abspath(__file__))
SUPPORT = os.path.join(HERE, 'data', 'support.json')
PATHWAYS = os.path.join(database.TOP, 'config', 'pathways')


def check(*texts):
    """(status, output) of `admin definitions check` on a folder of these texts."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for n, text in enumerate(texts):
            with open(os.path.join(folder, f'{n}.json'), 'w', encoding='utf-8') as file:
                file.write(text)
        done = subprocess.run([os.environ['TEST_COMMAND'], 'admin', 'definitions', 'check', folder], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout.replace(folder + '/', '') + done.stderr


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def shipped():
    return [text_of(os.path.join(PATHWAYS, name)) for name in sorted(os.listdir(PATHWAYS))]


def install(text):
    done = database.psql('upstander', '-qAt', '-v', 'definition=' + text,
                         text="set role upstander_owner; select pathway_install(:'definition');")
    return int(done.require().split()[-1])


@case('what ships is sound')
def _():
    texts = shipped()
    expect(check(*texts), (0, f'{len(texts)} definitions checked, 0 faults\n'))


@case('a mistake is told with its file and place, and ends the command badly')
def _():
    text = text_of(SUPPORT)
    expect(check(text.replace('"MASH_SCREENER"', '"MASH_SCREAMER"').replace('"list": "rag"', '"list": "rug"')),
           (1, '0.json#/transitions/1/roles/0: there is no role MASH_SCREAMER\n'
               '0.json#/transitions/1/form/fields/0: there is no list rug\n'
               '0.json#/transitions/1/form/fields/1: no answer to how_urgent_was_it has the code RED\n'
               '1 definition checked, 3 faults\n'))
    expect(check()[0], 1, 'an empty folder')


@case('a third pathway runs from the report to its end')
def _():
    text = text_of(SUPPORT)
    expect(check(text)[0], 0)
    expect(install(text), 1)
    expect(install(text), 1, 'the same text again changes nothing')
    database.execute('upstander', """insert into upstander.desk (pathway, area, unit_id)
        select 'SUPPORT', null, u.id from upstander.unit u join upstander.organisation o on o.id = u.organisation_id
         where o.slug = 'harbourside-mash' and u.capability = 'MASH'""")
    practitioner, lead, screener = (Api(who + '@example.test') for who in ('practitioner', 'lead', 'mash'))
    incident = file_report(practitioner, harm='NONE_KNOWN', people=[person('TARGET_ADULT', name='Grace Example')])
    reference = referral_of(lead, incident, 'SUPPORT')
    body = lead.get('/referrals/' + reference).json
    expect((body['state_label'], body['because']), ('Suggested', 'An adult was harmed and may want support.'))
    expect([step['transition'] for step in body['transitions']], ['ask'])

    # By its form, as a browser sends it: a date in three parts and a number.
    pages = Pages('lead@example.test')
    page = pages.get(f'/referrals/{reference}/transitions?transition=ask')
    expect_in('How many conversations would help?', page.text_only)
    form = page.form(f'/referrals/{reference}/transitions')
    form.set('data/agreed_on-day', '31').set('data/agreed_on-month', '2').set('data/agreed_on-year', '2026').set('data/sessions', 'six')
    page = pages.submit(page, form)
    expect(page.status, 422)
    form = page.form(f'/referrals/{reference}/transitions')
    kept = dict(form.values)
    expect([kept['data/agreed_on-' + part] for part in ('day', 'month', 'year')] + [kept['data/sessions']], ['31', '02', '2026', 'six'])
    form.set('data/agreed_on-day', '3').set('data/sessions', '6')
    expect(pages.submit(page, form).status, 200)

    body = screener.get('/referrals/' + reference).json
    expect(body['history'][0]['data'], {'agreed_on': '2026-02-03', 'sessions': 6})
    expect([(clock['clock'], clock['status']) for clock in body['clocks']], [('FIND', 'RUNNING')])
    expect_problem(take(screener, reference, 'end', {'how_urgent_was_it': 'RED'}), 422)
    expect(take(screener, reference, 'end', {'how_urgent_was_it': 'GREEN'}).json['state'], 'ENDED')


@case('an open referral stays on the version that it was opened under')
def _():
    practitioner, lead = Api('practitioner@example.test'), Api('lead@example.test')
    facts = {'harm': 'NONE_KNOWN', 'people': [person('TARGET_ADULT')]}
    old = referral_of(lead, file_report(practitioner, **facts), 'SUPPORT')
    expect(install(text_of(SUPPORT).replace('"label": "Suggested"', '"label": "Proposed anew"')), 2)
    new = referral_of(lead, file_report(practitioner, **facts), 'SUPPORT')
    stands = [(lead.get('/referrals/' + one).json[member]) for one in (old, new) for member in ('pathway_version', 'state_label')]
    expect(stands, [1, 'Suggested', 2, 'Proposed anew'])


run()
