// The report form, answered by keyboard: a child was harmed and a member of staff is reported, so that both pathways open.
import { expect, equal } from './suite.mjs';

export const NARRATIVE = 'A member of staff told a pupil to go back to where she came from, in front of the class.';

// Each page of the form: what it is called, what is done on it, and the button, if not Continue.
const questions = [
  ['What do you want to report?', (k) => k.choose('Something that happened to somebody')],
  ['What happened?', (k, facts) => k.write('What happened?', facts.narrative)],
  ['Were any words said or written that should be kept exactly?', async (k) => {
    await k.write('The exact words', 'Go back to where you came from.');
    await k.write('Who said or wrote them?', 'A teaching assistant');
  }],
  ['Do you know when it happened?', (k) => k.choose('I do not know')],
  ['When did you first know about this?', () => {}, 'Today'],
  ['Where did it happen?', async (k) => {
    await k.select('Council area', 'Harbourside');
    await k.select('Kind of place', 'Primary');
  }],
  ['Is anyone in immediate danger now?', (k) => k.choose('No')],
];

const later = [
  ['Was anybody harmed?', (k) => k.choose('Somebody was harmed')],
  ['Do you think that a crime may have been committed?', (k) => k.choose('I am not sure')],
  ['What kind of racism was it?', (k) => k.tick('Anti-Black racism')],
  ['What form did it take?', (k) => k.tick('Verbal abuse')],
  ['Who sees it as racist?', (k) => k.tick('The person harmed')],
  ['What does the person harmed want to happen?', (k) => k.write('What does the person harmed want to happen?', 'An apology, and that it stops.')],
  ['Is there anybody who must not learn of this report?', () => {}, 'Nobody that I know of'],
  ['How can the person harmed be contacted safely?', () => {}, 'I do not know'],
  ['What has been done so far?', (k) => k.write('What has been done so far?', 'Her parents were told.')],
];

const child = [
  ['How is this person involved?', (k) => k.choose('Child harmed')],
  ['What is their name?', (k) => k.write('What is their name?', 'Adaeze Example')],
  ['How old are they?', (k) => k.write(/^Or their age, roughly/, '12')],
  ['Where does this child live?', (k) => k.select('Where does this child live?', 'Harbourside')],
  ['Is this child looked after by a council, or supported in another way?', () => {}, 'No, or I do not know'],
  ['How do they describe their ethnicity?', async (k) => {
    await k.write(/^In their own words/, 'Nigerian British');
    await k.choose('Black: African', /^Ethnic group/);
    await k.choose('The person themselves', 'Who said so?');
  }],
  ['What is their first language?', (k) => k.write('What is their first language?', 'Yoruba')],
  ['Was an interpreter offered?', (k) => k.choose('Not needed')],
  ['What is their faith?', (k) => k.choose('Christian')],
  ['How do they describe their culture?', () => {}, 'I do not know'],
  ['What has it done to them?', (k) => k.write('What has it done to them?', 'She does not want to go to school.')],
  ['Do they, or their parent, agree that this is shared?', (k) => k.choose('A parent agreed')],
];

const staff = [
  ['How is this person involved?', (k) => k.choose('Person whose behaviour was reported: member of staff')],
  ['What is their name?', (k, facts) => k.write('What is their name?', facts.named.name)],
  ['What is their email address at work?', (k, facts) => k.write('What is their email address at work?', facts.named.email)],
  ['How old are they?', () => {}, 'I do not know'],
  ['Do they work or volunteer with children?', (k) => k.choose('Yes')],
  ['Where do they work or volunteer?', (k) => k.select('Council area', 'Harbourside')],
  ['How do they describe their ethnicity?', () => {}, 'I do not know'],
];

async function answer(person, pages, facts) {
  for (const [heading, fill, button = 'Continue'] of pages) {
    equal(await person.heading(), heading, 'the question');
    await fill(person.keyboard, facts);
    await person.follow(button);
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
