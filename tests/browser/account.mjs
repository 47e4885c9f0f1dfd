// Administering people by keyboard: an invitation, a password, a second factor, and a role that two must agree on.
import { createHmac } from 'node:crypto';
import { equal, expect, story, test } from './lib/suite.mjs';
import { Person, signedIn } from './lib/browser.mjs';

const NEW = { name: 'Pearl Atherton', email: `pearl.${Date.now()}@example.test`, password: 'seven quiet lanterns' };

// RFC 6238 with SHA-1, six digits and 30 seconds, written for this test alone so that it does not trust our own.
function code(secret, at = Date.now()) {
  const bits = [...secret.replace(/[^A-Z2-7]/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest[19] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1000000).padStart(6, '0');
}

story('A new colleague', {
  'is invited by the administrator': async (told) => {
    told.admin = await signedIn('admin@example.test');
    await told.admin.visit('/accounts');
    const { keyboard } = told.admin;
    await keyboard.write('Email address', NEW.email);
    await keyboard.write('Full name', NEW.name);
    await keyboard.select('Role', 'Safeguarding lead');
    await keyboard.select('Organisation', 'Breakwater School');
    await told.admin.follow('Invite');
    equal(await told.admin.heading(), 'Invitation sent', 'after inviting');
    told.link = (await told.admin.text('main code')).trim();
  },
  'takes the invitation up and chooses a password': async (told) => {
    told.person = await Person.arrive({ width: 320 });
    await told.person.visit(told.link);
    await told.person.keyboard.write(/^(New p|P)assword|^Choose a password/, NEW.password);
    await told.person.follow('Save');
    equal(told.person.path(), '/sign-in', 'after choosing a password');
  },
  'cannot use the invitation twice': async (told) => {
    const stranger = await Person.arrive();
    await stranger.visit(told.link);
    equal(await stranger.heading(), 'This link cannot be used', 'a used link');
    await stranger.leave();
  },
  'signs in and sets up a second factor': async (told) => {
    const { person } = told;
    await person.signIn(NEW.email, NEW.password);
    await person.follow('Your account');
    await person.follow('Set up a second factor');
    told.secret = (await person.text('main code')).trim();
    await person.keyboard.write('Code', '000000');
    await person.follow('Continue');
    expect((await person.title()).startsWith('Error: '), 'a wrong code is taken');
    equal((await person.text('main code')).trim(), told.secret, 'the secret after a wrong code');
    await person.keyboard.write('Code', code(told.secret));
    await person.follow('Continue');
    equal(await person.heading(), 'Your second factor is set up', 'after the code');
    told.recovery = await person.page.locator('main code').allTextContents();
    expect(told.recovery.length >= 8, `only ${told.recovery.length} recovery codes`);
    await person.leave();
  },
  'signs in with a code of the app': async (told) => {
    const person = await Person.arrive();
    await person.signIn(NEW.email, NEW.password);
    equal(await person.heading(), 'Enter your code', 'after the password alone');
    // A code counts once, so that the one of the next half minute is given, which is taken too.
    await person.keyboard.write('Code', code(told.secret, Date.now() + 30000));
    await person.follow('Continue');
    equal(person.path(), '/', 'after the code');
    await person.visit('/referrals');
    await person.leave();
  },
  'signs in with a recovery code, once': async (told) => {
    for (const used of [false, true]) {
      const person = await Person.arrive();
      await person.signIn(NEW.email, NEW.password);
      await person.keyboard.write('Code', told.recovery[0].trim());
      await person.follow('Continue');
      equal((await person.title()).startsWith('Error: '), used, `whether a code ${used ? 'that was used' : 'of the list'} is refused`);
      await person.leave();
    }
  },
  'is given a role that waits for a second person': async (told) => {
    await told.admin.follow('Go to the account');
    await told.admin.follow('Give a role');
    await told.admin.keyboard.select('Role', 'LADO');
    await told.admin.keyboard.select('Organisation', 'Harbourside LADO');
    await told.admin.follow('Give the role');
    expect((await told.admin.text('main')).includes('Waits for a second person'), 'the role does not wait');
    await told.admin.visit('/grants');
    const row = await told.admin.text(`tr:has-text("${NEW.name}")`);
    expect(row.includes('Somebody else must confirm this'), 'one person alone can give it');
  },
  'has the role once the data protection officer has confirmed it': async (told) => {
    const person = await Person.arrive();
    await person.signIn(NEW.email, NEW.password);
    await person.keyboard.write('Code', told.recovery[1].trim());
    await person.follow('Continue');
    await person.visit('/account');
    const said = (await person.text('.govuk-inset-text strong')).trim();
    await person.leave();
    const dpo = await signedIn('dpo@example.test');
    for (const heard of [said.replace(/^./, (digit) => (digit === '9' ? '0' : '9')), said]) {
      await dpo.visit('/grants');
      await dpo.keyboard.write(`Code that ${NEW.name} told you`, heard);
      await dpo.follow(new RegExp(`^Confirm .*${NEW.name}`));
      equal((await dpo.title()).startsWith('Error: '), heard !== said, `whether the code ${heard} is refused`);
    }
    expect(!(await dpo.text('main')).includes(NEW.name), 'it still waits');
    await dpo.leave();
    await told.admin.page.goBack();
    await told.admin.page.reload();
    expect(!(await told.admin.text('main')).includes('Waits for a second person'), 'the account’s page says that it waits');
    await told.admin.leave();
  },
});

for (const [email, paths] of [
  ['admin@example.test', ['/', '/accounts', '/organisations', '/organisations/example-school', '/grants', '/account', '/password', '/second-factor']],
  ['dpo@example.test', ['/', '/exclusions', '/grants', '/audit/events']],
  ['social.worker@example.test', ['/', '/session', '/referrals', '/incidents']],
  ['practitioner.ips@example.test', ['/', '/report', '/incidents', '/account', '/nothing-here', '/audit/events']],
]) {
  for (const [js, width] of [[true, 320], [false, 1280]]) {
    const reporter = email.startsWith('practitioner');
    test(`the pages of ${email} hold at ${width} pixels ${js ? 'with' : 'without'} JavaScript`, async () => {
      const person = await signedIn(email, { js, width, reporter });
      for (const path of paths) await person.visit(path);
      await person.leave();
    });
  }
}
