// What happens around a case besides its main line: information that is added, what happened, and a lead who does not simply
// confirm; and what an administrator makes and ends.
import { equal, expect, story, test } from './lib/suite.mjs';
import { PASSWORD, signedIn } from './lib/browser.mjs';
import { fileReport, begin, NARRATIVE } from './lib/report.mjs';
import { referralsOf } from './lib/pages.mjs';
import { grownIdle } from './lib/database.mjs';

const PRACTITIONER = 'practitioner@example.test';
const NAMED = { name: 'Idris Penhaligon', email: 'nobody.here@example.test' };
const LATER = 'Her mother told me that it has happened before.';

function around(title, options) {
  story(title, {
    'the reporter adds information, after a mistake': async (told) => {
      const reporter = await signedIn(PRACTITIONER, { ...options, reporter: true });
      told.reference = await fileReport(reporter, { narrative: NARRATIVE, named: NAMED });
      await reporter.follow(/^Read your report/);
      await reporter.follow('Add information');
      await reporter.follow('Add to the report');
      expect((await reporter.title()).startsWith('Error: '), 'nothing was written and nobody says so');
      await reporter.keyboard.write('What do you want to add?', LATER);
      await reporter.follow('Add to the report');
      equal(reporter.path(), `/incidents/${told.reference}`, 'after adding');
      await reporter.follow('Everything that happened');
      expect((await reporter.text('main')).includes(LATER), 'what was added is not in what happened');
      await reporter.leave();
    },
    'the lead reads what happened and changes one referral': async (told) => {
      told.lead = await signedIn('lead@example.test', options);
      await told.lead.visit(`/incidents/${told.reference}`);
      told.referrals = await referralsOf(told.lead.page);
      await told.lead.follow('Everything that happened');
      expect((await told.lead.text('main')).includes(LATER), 'the lead does not read what was added');
      await told.lead.visit(`/referrals/${told.referrals.MASH}`);
      await told.lead.follow('Send to another authority');
      await told.lead.follow('Send to another authority');
      expect((await told.lead.title()).startsWith('Error: '), 'no authority was chosen and nobody says so');
      await told.lead.keyboard.select('Which authority should receive it?', 'Old Quay');
      await told.lead.keyboard.write('Why this authority?', 'She moved there this week.');
      await told.lead.follow('Send to another authority');
      equal(told.lead.path(), `/referrals/${told.referrals.MASH}`, 'after changing');
      expect((await told.lead.text('main')).includes('Old Quay front door'), 'the page does not say where it went');
    },
    'the lead declines the other with a reason': async (told) => {
      await told.lead.visit(`/referrals/${told.referrals.LADO}`);
      await told.lead.follow(/^Decline/);
      await told.lead.follow(/^Decline/);
      expect((await told.lead.title()).startsWith('Error: '), 'a referral is declined without a reason');
      await told.lead.keyboard.choose('The facts are not as the report suggests');
      await told.lead.keyboard.write('Say what you know that the report does not', 'They do not work with children. I asked their manager.');
      await told.lead.follow(/^Decline/);
      equal(told.lead.path(), `/referrals/${told.referrals.LADO}`, 'after declining');
      expect(/declined/i.test(await told.lead.text('main')), 'the page does not say that it was declined');
      await told.lead.leave();
    },
  });
}

around('Around a case, at a desk', { js: true, width: 1280 });
around('Around a case, on a small telephone without JavaScript', { js: false, width: 320 });

for (const [js, width] of [[true, 1280], [false, 320]]) {
  const way = js ? 'at a desk' : 'on a small telephone without JavaScript';

  test(`an organisation is made, after a mistake, ${way}`, async () => {
    const admin = await signedIn('admin@example.test', { js, width });
    await admin.visit('/organisations');
    await admin.follow(/^(Add|Make|Create)/);
    expect((await admin.title()).startsWith('Error: '), 'an organisation without a name is made');
    expect((await admin.text('.govuk-error-summary')).includes('Short name: Enter an answer'), 'the summary does not say which answer');
    await admin.keyboard.write('Short name', `lantern-sixth-form-${width}`);
    await admin.keyboard.write('Name', `Lantern Sixth Form ${width}`);
    await admin.keyboard.select('Kind of organisation', 'Education');
    await admin.keyboard.select('Authority', 'Harbourside');
    await admin.follow('Add');
    expect((await admin.heading()).includes(`Lantern Sixth Form ${width}`), `made, and the page is called ${await admin.heading()}`);
    await admin.leave();
  });

  test(`an account is ended, after a question, ${way}`, async () => {
    const admin = await signedIn('admin@example.test', { js, width });
    await admin.visit('/accounts');
    await admin.keyboard.write('Email address', `leaving.${width}.${Date.now()}@example.test`);
    await admin.keyboard.write('Full name', 'Morwenna Leaving');
    await admin.keyboard.select('Role', 'Practitioner');
    await admin.keyboard.select('Organisation', 'Breakwater School');
    await admin.follow('Invite');
    await admin.follow('Go to the account');
    await admin.follow('End this account');
    await admin.follow('End the account');
    expect(/ended/i.test(await admin.text('main')), 'the account’s page does not say that it has ended');
    await admin.leave();
  });

  test(`what was typed about a person survives the end of a session, ${way}`, async () => {
    const person = await signedIn('practitioner.nhs@example.test', { js, width, reporter: true, state: 'held' });
    await begin(person);
    const draft = person.path().split('/')[2];
    await person.visit(`/report/${draft}/person/1/role`);
    await person.keyboard.choose('Child harmed');
    await person.follow('Continue');
    await person.keyboard.write('What is their name?', 'Tamsin Example');
    await person.keyboard.reach('Continue', ['button']);
    grownIdle('practitioner.nhs@example.test');
    await person.pressAndLoad('Enter');
    await person.keyboard.write('Email address', 'practitioner.nhs@example.test');
    await person.keyboard.write('Password', PASSWORD);
    await person.pressAndLoad('Enter');
    equal(await person.heading(), 'Your answers are kept', 'after signing in');
    await person.follow('Send them now');
    equal(await person.heading(), 'How old are they?', 'the next question');
    await person.visit(`/report/${draft}/people`);
    expect((await person.text('main')).includes('Tamsin Example: Child harmed'), 'the name is lost');
    await person.leave();
  });
}
