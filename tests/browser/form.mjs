// The report form as people really use it: they make mistakes, go back, leave, come back and press twice.
import { equal, expect, test } from './lib/suite.mjs';
import { Person, signedIn } from './lib/browser.mjs';
import { answerLeast, begin, NARRATIVE } from './lib/report.mjs';
import { sql } from './lib/database.mjs';

const PRACTITIONER = 'practitioner@example.test';
const styles = [['with', true], ['without', false]];

const reporter = (js, more) => signedIn(PRACTITIONER, { js, reporter: true, ...more });
const reports = () => Number(sql('select count(*) from upstander.incident'));

for (const [word, js] of styles) {
  test(`a mistake is named, in the title too, and its link leads to the field, ${word} JavaScript`, async () => {
    const person = await reporter(js);
    await begin(person);
    await person.follow('Continue');
    expect((await person.title()).startsWith('Error: '), 'the title does not say that there is an error');
    await person.keyboard.reach('Select what you want to report', ['a']);
    await person.page.keyboard.press('Enter');
    equal((await person.keyboard.focus())?.type, 'radio', 'what has the focus');
    await person.leave();
  });

  test(`Back leads to the question before, with its answer, ${word} JavaScript`, async () => {
    const person = await reporter(js);
    await begin(person);
    await person.keyboard.choose('Something that is going on: a pattern, a policy, a record');
    await person.follow('Continue');
    await person.keyboard.write('What happened?', NARRATIVE);
    await person.follow('Continue');
    await person.follow('Back');
    equal(await person.page.inputValue('textarea'), NARRATIVE, 'what had been written');
    await person.follow('Back');
    equal(await person.page.inputValue('input[type=radio]:checked'), 'OBSERVATION', 'what had been chosen');
    await person.leave();
  });

  test(`the browser’s own way back keeps the answers, ${word} JavaScript`, async () => {
    const person = await reporter(js);
    await begin(person);
    await person.keyboard.choose('Something that happened to somebody');
    await person.follow('Continue');
    await person.keyboard.write('What happened?', NARRATIVE);
    await person.follow('Continue');
    await person.page.goBack();
    equal(await person.page.inputValue('textarea'), NARRATIVE, 'what had been written');
    await person.page.goBack();
    equal(await person.page.inputValue('input[type=radio]:checked'), 'INCIDENT', 'what had been chosen');
    await person.leave();
  });

  test(`sending twice makes one report, ${word} JavaScript`, async () => {
    const person = await reporter(js);
    await begin(person);
    await answerLeast(person);
    const before = reports();
    await person.keyboard.reach('Send the report', ['button']);
    await person.page.keyboard.press('Enter', { noWaitAfter: true });
    await person.page.keyboard.press('Enter', { noWaitAfter: true }).catch(() => {});
    // The second press may end the first one's loading, so that no single event says when both are over.
    for (let n = 0; n < 200 && !person.path().endsWith('/sent'); n++) await person.page.waitForTimeout(50);
    await person.page.waitForLoadState();
    await person.look();
    const reference = (await person.text('.govuk-panel__body strong')).trim();
    await person.page.goBack();
    await person.page.reload();
    expect(!(await person.text()).includes('Send the report'), 'a report that was sent can be sent again');
    equal(reports(), before + 1, 'reports');
    await person.visit('/incidents');
    expect((await person.text('main')).includes(reference), 'the report is not in the list');
    await person.leave();
  });
}

test('two windows that send the same answers at once make one report', async () => {
  const person = await reporter(true);
  await begin(person);
  await answerLeast(person);
  const other = await person.context.newPage();
  await other.goto(person.page.url());
  const before = reports();
  const press = (page) => page.locator('button', { hasText: 'Send the report' }).press('Enter');
  await Promise.all([press(person.page), press(other)]);
  await Promise.all([person.page.waitForLoadState(), other.waitForLoadState()]);
  await person.visit('/incidents');
  equal(reports(), before + 1, 'reports');
  await person.leave();
});

test('a report that was left is gone on with in another browser', async () => {
  const first = await signedIn('practitioner.ips@example.test', { reporter: true });
  await begin(first);
  await first.keyboard.choose('Something that happened to somebody');
  await first.follow('Continue');
  await first.keyboard.write('What happened?', 'Half a sen');
  await first.follow('Save and come back later');
  equal(first.path(), '/report', 'where one is led');
  expect((await first.text('main')).includes('Your report is saved. It is kept until'), 'nobody says that it is saved');
  await first.leave();

  const second = await signedIn('practitioner.ips@example.test', { js: false, reporter: true, width: 320 });
  await second.visit('/report');
  await second.follow(/^Go on with the report/);
  equal(await second.heading(), 'Do you know when it happened?', 'the first question that must still be answered');
  await second.follow('Back');
  await second.follow('Back');
  equal(await second.page.inputValue('textarea'), 'Half a sen', 'what had been written');
  await second.visit('/report');
  await second.follow(/^Delete/);
  await second.follow('Delete');
  await second.leave();
});

test('words that were changed in another window are shown before they are written over', async () => {
  const person = await reporter(true, { state: 'two windows' });
  await begin(person);
  await person.keyboard.choose('Something that happened to somebody');
  await person.follow('Continue');
  const other = await person.context.newPage();
  await other.goto(person.page.url());
  await other.fill('textarea', 'Written in the other window');
  await other.locator('button', { hasText: 'Continue' }).press('Enter');
  await other.waitForURL(/words/);
  await person.keyboard.write('What happened?', 'Written here');
  await person.follow('Continue');
  const words = await person.text('main');
  expect(words.includes('Written in the other window'), 'what the other window wrote is not shown');
  equal(await person.page.inputValue('textarea'), 'Written here', 'what was written here');
  await person.leave();
});

test('the first Tab of a page leads past its frame', async () => {
  const person = await reporter(true);
  await person.visit('/report');
  await person.keyboard.reach('Skip to main content', ['a']);
  await person.page.keyboard.press('Enter');
  await person.keyboard.press('Tab');
  expect(await person.page.evaluate(() => document.activeElement.closest('main') !== null), 'it leads into the frame');
  await person.leave();
});

test('a stranger finds the statements and is asked to sign in', async () => {
  const stranger = await Person.arrive({ width: 320 });
  for (const path of ['/accessibility', '/privacy', '/sign-in', '/password-resets', '/incidents']) await stranger.visit(path);
  equal(stranger.path(), '/sign-in', 'where a stranger is led');
  await stranger.keyboard.write('Email address', 'nobody@example.test');
  await stranger.keyboard.write('Password', 'something else');
  await stranger.pressAndLoad('Enter');
  expect((await stranger.title()).startsWith('Error: '), 'a wrong password is not an error');
  await stranger.leave();
});
