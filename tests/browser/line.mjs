// The whole line by keyboard alone: from a report to the response times, and nothing at all for somebody named in it.
import { equal, expect, story } from './lib/suite.mjs';
import { signedIn } from './lib/browser.mjs';
import { fileReport, NARRATIVE } from './lib/report.mjs';
import { madeUp, newCount, referralsOf, rowOf, table } from './lib/pages.mjs';

const NAMED = { name: 'Catrin Abubakar', email: 'lead.deputy@example.test' };

// Takes a step of a referral: its page, the button, the form.
async function take(person, referral, step, fill, button = step) {
  await person.visit('/referrals');
  await person.follow(/^New/);
  const found = await person.page.locator('a', { hasText: referral }).count();
  if (found) await person.follow(referral);
  else await person.visit(`/referrals/${referral}`);
  await person.follow(step);
  await fill(person.keyboard);
  await person.follow(button);
  equal(person.path(), `/referrals/${referral}`, `after ${step}`);
}

const close = (k) => k.write(/ethnicity and culture considered/, 'Her family told us how they wish to be addressed.');

async function figures(person) {
  await person.visit('/scrutiny/response-times');
  const rows = await table(person.page);
  const of = (agency, clock) => rowOf(rows, agency, clock);
  return {
    threshold: of('Harbourside LADO', /^Threshold decision/), decision: of('Harbourside MASH', /^Decision within/),
    refer: of('Breakwater School', /^Referred to the LADO/),
  };
}

function moved(before, after, what) {
  for (const column of ['Number', 'On time']) {
    equal(Number(after[column]), Number(before[column]) + 1, `${what}, ${column}`);
  }
}

function line(title, options) {
  const arrive = (email, more) => signedIn(email, { ...options, ...more });
  story(title, {
    'the commissioner reads the response times before': async (told) => {
      told.commissioner = await arrive('commissioner@example.test');
      told.before = await figures(told.commissioner);
    },
    'the lead reads how many referrals are new': async (told) => {
      told.lead = await arrive('lead@example.test');
      await told.lead.visit('/');
      told.new = await newCount(told.lead.page);
    },
    'a practitioner files a report and is given its reference': async (told) => {
      const practitioner = await arrive('practitioner@example.test', { reporter: true });
      told.reference = await fileReport(practitioner, { narrative: NARRATIVE, named: NAMED });
      const words = await practitioner.text('main');
      expect(words.includes('Harbourside LADO') && words.includes('Harbourside MASH'), 'the desks are not named');
      await practitioner.follow(/^Read your report/);
      expect((await practitioner.heading()).includes(told.reference), 'the report is not shown to its reporter');
      told.practitioner = practitioner;
    },
    'the lead is told of two more and finds them in the queue': async (told) => {
      await told.lead.visit('/');
      equal(await newCount(told.lead.page), told.new + 2, 'new referrals');
      await told.lead.follow(/^Reports/);
      await told.lead.follow(told.reference);
      told.referrals = await referralsOf(told.lead.page);
      expect(told.referrals.LADO && told.referrals.MASH, 'not both pathways opened');
    },
    'the lead confirms both': async (told) => {
      for (const pathway of ['LADO', 'MASH']) {
        await take(told.lead, told.referrals[pathway], 'Confirm and send', (k) => k.write(/receiving desk/, 'She is safe today.'));
      }
    },
    'the LADO decides, records the outcome and closes': async (told) => {
      const lado = await arrive('lado@example.test');
      const referral = told.referrals.LADO;
      await take(lado, referral, 'Decide: threshold met', async (k) => {
        await k.tick(/^Behaved in a way that has harmed a child/);
        await k.write('Why?', 'She was harmed in front of others.');
      });
      await take(lado, referral, 'Record the outcome', async (k) => {
        await k.choose(/^Substantiated/, /outcome/);
        await k.choose('Established', /racism/);
        await k.choose('Employer', /decided/);
        await k.write('Why this outcome?', 'Three witnesses agree.');
      });
      await take(lado, referral, 'Close', close);
      expect((await lado.text('main')).includes('Substantiated'), 'the outcome is not shown');
      await lado.leave();
    },
    'the MASH manager decides and closes': async (told) => {
      const manager = await arrive('mash.manager@example.test');
      await take(manager, told.referrals.MASH, 'Decide', async (k) => {
        await k.choose(/^Early help/, /next/);
        await k.choose(/^Early help/, /need/);
        await k.write('Why?', 'The family wants support.');
        await k.write(/tell the person who reported/, 'A worker will visit this week.');
      });
      await take(manager, told.referrals.MASH, 'Close', close);
      await manager.leave();
    },
    'the commissioner finds it in the response times': async (told) => {
      const after = await figures(told.commissioner);
      for (const name of Object.keys(after)) moved(told.before[name], after[name], name);
      await told.commissioner.leave();
    },
    'the reporter reads that it is finished': async (told) => {
      await told.practitioner.visit(`/incidents/${told.reference}`);
      expect((await told.practitioner.text('main')).includes('has finished'), 'the end is not shown to the reporter');
      await told.practitioner.leave();
    },
    'the auditor finds its events by its reference': async (told) => {
      const auditor = await arrive('auditor@example.test');
      await auditor.visit('/audit/events');
      await auditor.keyboard.write('Case reference', told.reference);
      await auditor.follow('Apply filters');
      const rows = await table(auditor.page);
      expect(rows.length > 10, `only ${rows.length} events`);
      expect(rows.every((row) => row.Case.includes(told.reference)), 'events of other cases are listed');
      await auditor.leave();
    },
    'somebody named in it finds nothing': async (told) => {
      const named = await arrive(NAMED.email);
      const hidden = [told.reference, ...Object.values(told.referrals)];
      for (const path of ['/', '/referrals', '/referrals?due=NEW', '/incidents', `/incidents?ref=${told.reference}`]) {
        await named.visit(path);
        // What was asked for stands in the address and in the box that asks; nothing else may know of it.
        const html = (await named.page.content()).replace(/<input[^>]*id="filter-ref"[^>]*>/, '');
        for (const reference of hidden) {
          expect(!html.replaceAll(`ref=${reference}`, '').includes(reference), `${reference} is on ${path}`);
        }
      }
      for (const path of [`/incidents/${told.reference}`, `/incidents/${told.reference}/chronology`,
        ...Object.values(told.referrals).map((reference) => `/referrals/${reference}`)]) {
        const answers = [];
        for (const target of [path, madeUp(path)]) {
          const reply = await named.visit(target);
          const text = (await named.text()).replace(/number \S+\./, 'number.');
          answers.push([reply.status(), await named.title(), text]);
        }
        equal(answers[0], answers[1], `what is answered for ${path}, and for what does not exist`);
        equal(answers[0][0], 404, path);
      }
      await named.leave();
      await told.lead.leave();
    },
  });
}

line('At a desk', { js: true, width: 1280 });
line('At a desk without JavaScript', { js: false, width: 1280 });
line('On a small telephone', { js: true, width: 320 });
line('On a small telephone without JavaScript', { js: false, width: 320 });
