// The browser, and a person in front of it. Each person has a window of their own: cookies, width, JavaScript or none.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect } from './suite.mjs';
import { Keyboard } from './keyboard.mjs';
import { Inspector } from './inspector.mjs';

export const origin = process.env.TEST_URL;
export const PASSWORD = 'upstander-demo';
const pictures = process.env.PICTURES;
if (pictures) mkdirSync(pictures, { recursive: true });

let browser = null;
const people = new Set();

// No name resolves, so that nothing can leave the machine whatever a page asks for.
async function launched() {
  browser ??= await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--proxy-server=direct://', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
  return browser;
}

export async function closeBrowser() {
  for (const person of people) await person.leave();
  await browser?.close();
  browser = null;
}

// What is the same page with other references in its address.
export function kind(url) {
  return new URL(url).pathname
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')
    .replace(/\/(incidents|referrals)\/(?!acknowledgements)[A-Z0-9-]+/, '/$1/:ref')
    .replace(/\/referrals\/acknowledgements/, '/referrals') // the queue again, for somebody who ticked nothing
    .replace('/sign-in/code', '/sign-in') // both answer with the page for the code
    .replace(/\/person\/\d+/, '/person/:n')
    .replace(/\/(invitations|password-resets)\/.+/, '/$1/:token')
    .replace(/\/problems\/.+/, '/problems/:code');
}

export class Person {
  // { js, width, reporter }: a reporter must never read how late anybody is.
  static async arrive(options = {}) {
    const { js = true, width = 1280, height = width < 640 ? 640 : 900 } = options;
    const context = await (await launched()).newContext({
      javaScriptEnabled: js, viewport: { width, height }, locale: 'en-GB', timezoneId: 'Europe/London', baseURL: origin,
    });
    const person = new Person();
    Object.assign(person, { context, js, width, reporter: false, ...options, faults: [], elsewhere: [] });
    context.setDefaultTimeout(30000);
    context.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:')) person.elsewhere.push(request.url());
    });
    people.add(person);
    await person.open(await context.newPage());
    return person;
  }

  async open(page) {
    this.page = page;
    this.keyboard = new Keyboard(page);
    this.inspector = new Inspector(this);
    page.on('response', (reply) => {
      if (reply.request().isNavigationRequest() && reply.frame() === page.mainFrame()) this.status = reply.status();
    });
    page.on('pageerror', (error) => this.faults.push(`a script failed on ${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      // The browser says so of every page that is answered with 4xx, which many here are meant to be.
      if (/^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())) return;
      this.faults.push(`the console of ${page.url()} says: ${message.text()}`);
    });
  }

  async leave() {
    people.delete(this);
    await this.context.close();
  }

  // Types an address into the browser: the one thing that is not done on a page.
  async visit(path, options) {
    const reply = await this.page.goto(path);
    await this.look(options);
    return reply;
  }

  // Follows the link, or presses the button, that has this name, by keyboard, and looks at the page that answers.
  async follow(name, options) {
    await this.keyboard.reach(name, ['a', 'button', 'summary']);
    await this.pressAndLoad('Enter', options);
  }

  async pressAndLoad(key, options) {
    const loaded = this.page.waitForEvent('load');
    loaded.catch(() => {});
    await this.page.keyboard.press(key);
    await loaded;
    await this.look(options);
  }

  // The checks that every page is held to, wherever it is met.
  async look(options) {
    await this.inspector.inspect(options);
    expect(this.faults.length === 0, this.faults.join('\n'));
    expect(this.elsewhere.length === 0, `asked of others: ${this.elsewhere.join(', ')}`);
    if (pictures) {
      const name = kind(this.page.url()).replaceAll('/', '_').replaceAll(':', '');
      const problem = (await this.page.title()).startsWith('Error:') ? '-error' : '';
      const file = `${this.width}${this.js ? '' : '-nojs'}${name}${problem}.png`;
      await this.page.screenshot({ path: join(pictures, file), fullPage: true });
    }
  }

  async signIn(email, password = PASSWORD) {
    await this.visit('/sign-in');
    await this.keyboard.write('Email address', email);
    await this.keyboard.write('Password', password);
    await this.pressAndLoad('Enter');
    this.email = email;
    expect(!(await this.page.title()).startsWith('Error'), `${email} could not sign in`);
  }

  title() {
    return this.page.title();
  }

  text(selector = 'body') {
    return this.page.locator(selector).innerText();
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  // The first heading, without the remark that a question may be left out.
  async heading() {
    return (await this.text('h1')).trim().replace(/ \(optional\)$/, '');
  }
}

// Somebody who has signed in.
export async function signedIn(email, options) {
  const person = await Person.arrive(options);
  await person.signIn(email);
  return person;
}

// Pictures of what everybody saw when a case failed; then they leave, so that the next case begins with nobody.
export async function afterFailure(name) {
  let n = 0;
  for (const person of people) {
    const file = `failed-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80)}-${n++}.png`;
    if (pictures) await person.page.screenshot({ path: join(pictures, file), fullPage: true }).catch(() => {});
    await person.leave();
  }
}
