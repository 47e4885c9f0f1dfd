// The report form, answered by keyboard: a child was harmed and a member of staff is reported, so that both pathways open.
import { expect, equal } from './suite.mjs';

export const NARRATIVE = 'A member of staff told a pupil to go back to where she came from, in front of the class.';

// Each page of the form: what it is called, and what is done on it before Continue.
const questions = [
  ['What do you want to report?', (k) => k.choose('Something that happened to somebody')],
  ['What happened?', (k, facts) => k.write('What happened?', facts.narrative)],
  ['Were any words said or written that should be kept exactly?', async (k) => {
    await k.write('The exact words', 'Go back to where you came from.');
    await k.write('Who said or wrote them?', 'A teaching assistant');
  }],
  ['Do you know when it happened?', (k) => k.choose('I do not know')],
  ['Where did it happen?', async (k) => {
    await k.select('Area', 'Harbourside');
    await k.select('Kind of place', 'Primary');
  }],
  ['Is anyone in immediate danger now?', (k) => k.choose('No')],
];

const later = [
  ['Was anybody harmed?', (k) => k.choose('Somebody was harmed')],
  ['Do you think that a crime may have been committed?', (k) => k.choose('I am not sure')],
  ['What kind of racism was it?', (k) => k.tick('Anti-Black racism')],
  ['What form did it take?', (k) => k.tick('Verbal abuse')],
  ['Who perceived it as racist, and who was it from?', async (k) => {
    await k.tick('The person harmed');
    await k.choose('Adult to child', 'Who was it from, and who was it towards?');
  }],
  ['What the person harmed wants', (k) => k.write('What do they want to happen?', 'An apology, and that it stops.')],
  ['What has been done so far?', (k) => k.write('What has been done so far?', 'Her parents were told.')],
];

const child = [
  ['How is this person involved?', (k) => k.choose('Child harmed')],
  ['Who is this person?', async (k) => {
    await k.write('Name', 'Adaeze Example');
    await k.write(/^Age, roughly/, '12');
  }],
  ['This person’s ethnicity', async (k) => {
    await k.write(/in their own words/, 'Nigerian British');
    await k.choose('Black: African', /ethnic group/);
    await k.choose('The person themselves', 'Who said so?');
  }],
  ['Where this child lives', (k) => k.select('In which area does this child live?', 'Harbourside')],
  ['More about this person', (k) => k.write('What has the racism done to them?', 'She does not want to go to school.')],
];

const staff = [
  ['How is this person involved?', (k) => k.choose('Person whose behaviour was reported: member of staff')],
  ['Who is this person?', async (k, facts) => {
    await k.write('Name', facts.named.name);
    await k.write('Email address', facts.named.email);
  }],
  ['This person’s ethnicity', (k) => k.choose('Not known', /ethnic group/)],
  ['This person and children', async (k) => {
    await k.choose('Yes');
    await k.select('In which area is that?', 'Harbourside');
  }],
  ['More about this person', () => {}],
];

async function answer(person, pages, facts) {
  for (const [heading, fill] of pages) {
    equal(await person.heading(), heading, 'the question');
    await fill(person.keyboard, facts);
    await person.follow('Continue');
  }
}

export async function begin(person) {
  await person.visit('/report');
  await person.follow('Start now');
}

// From the first question to the page on which the answers are checked.
export async function answerAll(person, facts) {
  await answer(person, questions, facts);
  for (const someone of [child, staff]) {
    equal(await person.heading(), 'People in this report', 'the page of people');
    await person.follow('Add a person');
    await answer(person, someone, facts);
  }
  await person.follow('Continue');
  await answer(person, later, facts);
  expect((await person.heading()).startsWith('Check your answers'), `no page to check: ${await person.heading()}`);
}

// The shortest report: something done well, with what has to be said of it.
export async function answerLeast(person) {
  await answer(person, [
    ['What do you want to report?', (k) => k.choose('Something done well')],
    ['What happened?', (k) => k.write('What happened?', 'A teacher stepped in at once.')],
    ['Were any words said or written that should be kept exactly?', () => {}],
    ['Do you know when it happened?', (k) => k.choose('I do not know')],
    ['Where did it happen?', () => {}], ['People in this report', () => {}], ['What has been done so far?', () => {}],
  ], {});
  expect((await person.heading()).startsWith('Check your answers'), `no page to check: ${await person.heading()}`);
}

export async function fileReport(person, facts) {
  await begin(person);
  await answerAll(person, facts);
  await person.follow('Send the report');
  equal(await person.heading(), 'Report sent', 'the confirmation');
  return (await person.text('.govuk-panel__body strong')).trim();
}
