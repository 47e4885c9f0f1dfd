// A session ends by itself or at once: nobody is surprised, nothing is lost, nothing stays behind.
import { equal, expect, test } from './lib/suite.mjs';
import { origin, PASSWORD, Person, signedIn } from './lib/browser.mjs';
import { begin, NARRATIVE } from './lib/report.mjs';
import { grownIdle } from './lib/database.mjs';

const PRACTITIONER = 'practitioner.nhs@example.test';
const MINUTES = 60 * 1000;

async function writing(options) {
  const person = await signedIn(PRACTITIONER, { reporter: true, ...options });
  await begin(person);
  await person.keyboard.choose('Something that happened to somebody');
  await person.follow('Continue');
  await person.keyboard.write('What happened?', NARRATIVE);
  return person;
}

// Signs in on the page that one is on, and sends what was kept.
async function comeBack(person) {
  expect((await person.text('main')).includes('What you had typed is kept'), 'nobody says that it is kept');
  await person.keyboard.write('Email address', PRACTITIONER);
  await person.keyboard.write('Password', PASSWORD);
  await person.pressAndLoad('Enter');
  equal(await person.heading(), 'Your answers are kept', 'after signing in');
  await person.follow('Send them now');
  equal(await person.heading(), 'Were any words said or written that should be kept exactly?', 'the next question');
  await person.follow('Back');
  equal(await person.page.inputValue('textarea'), NARRATIVE, 'what had been written');
}

for (const js of [true, false]) {
  test(`what was typed survives the end of a session, ${js ? 'with' : 'without'} JavaScript`, async () => {
    const person = await writing({ js, state: 'held' });
    await person.keyboard.reach('Continue', ['button']);
    grownIdle(PRACTITIONER);
    await person.pressAndLoad('Enter');
    await comeBack(person);
    await person.leave();
  });
}

test('somebody else who signs in is not shown what another person typed', async () => {
  const person = await writing({ state: 'held' });
  await person.keyboard.reach('Continue', ['button']);
  grownIdle(PRACTITIONER);
  await person.pressAndLoad('Enter');
  await person.keyboard.write('Email address', 'practitioner.ips@example.test');
  await person.keyboard.write('Password', PASSWORD);
  await person.pressAndLoad('Enter');
  equal(await person.heading(), 'Your answers were not kept', 'for somebody else');
  expect(!(await person.page.content()).includes(NARRATIVE), 'what another person typed is on the page');
  await person.leave();
});

// The page's clock is moved on; the server's stays, unless the session is aged.
async function waiting(person) {
  await person.page.clock.install();
  await person.page.reload();
}

test('a warning comes before the end, is read out, and one press prolongs the session', async () => {
  const person = await signedIn(PRACTITIONER, { state: 'warning' });
  await waiting(person);
  await person.page.clock.fastForward(26 * MINUTES);
  await person.page.locator('dialog[open]').waitFor();
  equal((await person.keyboard.focus())?.text, 'Stay signed in', 'what has the focus');
  expect(/sign you out in [45] minutes/.test(await person.text('dialog')), `the warning says ${await person.text('dialog')}`);
  const asked = person.page.waitForResponse(`${origin}/session`);
  await person.page.keyboard.press('Enter');
  equal((await asked).status(), 200, 'prolonging');
  await person.page.locator('dialog:not([open])').waitFor({ state: 'attached' });
  await person.page.clock.fastForward(10 * MINUTES);
  equal(await person.page.locator('dialog[open]').count(), 0, 'warnings 10 minutes later');
  await person.leave();
});

test('a page that nobody typed in is left when the time is over', async () => {
  const person = await signedIn(PRACTITIONER, { state: 'over' });
  await waiting(person);
  grownIdle(PRACTITIONER);
  await person.page.clock.fastForward(31 * MINUTES);
  await person.page.waitForURL(/sign-in/);
  await person.leave();
});

test('a page that somebody typed in is covered when the time is over, and nothing is lost', async () => {
  const person = await writing({ state: 'covered' });
  await waiting(person);
  await person.keyboard.write('What happened?', NARRATIVE);
  await person.page.clock.fastForward(31 * MINUTES);
  equal((await person.keyboard.focus())?.text, 'Sign in again', 'what has the focus');
  const cover = await person.page.evaluate(() => getComputedStyle(document.querySelector('dialog'), '::backdrop').backgroundColor);
  equal(cover, 'rgb(11, 12, 12)', 'what covers the page');
  grownIdle(PRACTITIONER);
  await person.pressAndLoad('Enter');
  await comeBack(person);
  await person.leave();
});

test('where another window kept the session alive, one goes on where one was', async () => {
  const person = await writing({ state: 'covered' });
  await waiting(person);
  await person.keyboard.write('What happened?', NARRATIVE);
  await person.page.clock.fastForward(31 * MINUTES);
  await person.page.keyboard.press('Enter');
  await person.page.locator('dialog:not([open])').waitFor({ state: 'attached' });
  equal(await person.page.inputValue('textarea'), NARRATIVE, 'what had been written');
  equal(await person.heading(), 'What happened?', 'the page');
  await person.leave();
});

// The browser cannot leave this machine: that it asked for the weather is enough, and that is all it asked for.
async function left(person, press) {
  const asked = person.page.waitForRequest((request) => new URL(request.url()).pathname === '/leave');
  const weather = person.page.waitForRequest('https://www.bbc.co.uk/weather');
  await press();
  const reply = await (await asked).response();
  equal(reply.status(), 303, 'leaving');
  await weather;
  // What the browser shows instead of the weather.
  for (let n = 0; n < 200 && person.page.url() !== 'chrome-error://chromewebdata/'; n++) await person.page.waitForTimeout(50);
  const names = (await person.context.cookies()).map(({ name }) => name);
  expect(!names.includes('__Host-session'), 'the session’s cookie is still there');
  equal(person.elsewhere, ['https://www.bbc.co.uk/weather'], 'asked of others');
  person.elsewhere = [];
  await person.page.goto('/report');
  equal(person.path(), '/sign-in', 'where the way back leads');
  await person.leave();
}

for (const js of [true, false]) {
  test(`Exit this page leaves at once and signs out, ${js ? 'with' : 'without'} JavaScript`, async () => {
    const person = await writing({ js });
    await person.keyboard.reach(/Exit this page$/, ['a']);
    await left(person, () => person.page.keyboard.press('Enter'));
  });
}

test('three times Shift leaves at once and signs out', async () => {
  const person = await writing();
  await left(person, async () => {
    for (let n = 0; n < 3; n++) await person.page.keyboard.press('Shift');
  });
});

test('signing out ends the session, and the way back shows nothing', async () => {
  const person = await signedIn('lead.nhs@example.test');
  await person.visit('/incidents');
  await person.follow('Sign out');
  expect((await person.text('main')).includes('You have signed out.'), 'nobody says that one has signed out');
  await person.page.goBack();
  equal(person.path(), '/sign-in', 'where the way back leads');
  await person.leave();
});

test('a second person at the same browser sees nothing of the first', async () => {
  const person = await Person.arrive();
  await person.signIn('lead.nhs@example.test');
  await person.follow('Sign out');
  await person.signIn('commissioner@example.test');
  equal((await person.page.goto('/incidents')).status(), 403, 'a page of another role');
  await person.leave();
});
