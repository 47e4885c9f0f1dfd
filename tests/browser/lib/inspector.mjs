// What every page is held to: accessible, no wider than the window, room for larger spacing, a title of its own, one heading,
// and nothing about lateness where a reporter reads. The dear checks are made once for each kind of page, width and state.
import axe from 'axe-core';
import { expect } from './suite.mjs';
import { kind } from './browser.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// Each violation that is let through, with the elements that it may name and the reason.
const ALLOWED = [
  { rule: 'region', target: /govuk-exit-this-page/,
    reason: 'GOV.UK places the button Exit this page before the header, outside every landmark, so that it comes first' },
  { rule: 'aria-allowed-attr', target: /govuk-(radios|checkboxes)__input/,
    reason: 'GOV.UK’s script puts aria-expanded on a radio that shows more questions, as its screen reader tests preferred' },
];

// WCAG 2.2, 1.4.12: what a person may set for themselves without losing anything.
const SPACING = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }`;

const LATENESS = /\b(late|later than|lateness|overdue|past due|out of time|behind time|on time)\b/i;

const problem = (title) => title.startsWith('Error: ');

const seen = new Set();
const titles = new Map();
export const visited = new Set();

async function widest(page) {
  return page.evaluate(() => ({ wide: document.scrollingElement.scrollWidth, room: document.documentElement.clientWidth }));
}

async function fits(page, what) {
  const { wide, room } = await widest(page);
  if (wide <= room) return;
  const culprits = await page.evaluate(() => [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.01).slice(0, 5)
    .map((e) => e.outerHTML.slice(0, 120)));
  expect(false, `${page.url()} is ${wide} wide in ${room}${what}: ${culprits.join(' ; ')}`);
}

// Text that a person has spaced out must not be cut off by a box that hides what does not fit.
async function spaced(page) {
  const handle = await page.evaluateHandle((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return sheet;
  }, SPACING);
  await fits(page, ' with wider spacing');
  const cut = await page.evaluate(() => {
    const hides = (e) => /hidden|clip/.test(getComputedStyle(e).overflow) && e.clientHeight > 1 && e.clientWidth > 1;
    // A chart is a picture: its words stand in the table after it too.
    const texts = (e) => [...e.querySelectorAll(':not([role=img] *)')].filter((d) => d.clientHeight > 1 && [...d.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
    return [...document.querySelectorAll('body *')].filter(hides).flatMap((e) => {
      const box = e.getBoundingClientRect();
      return texts(e).filter((d) => {
        const own = d.getBoundingClientRect();
        return own.bottom > box.bottom + 1 || own.right > box.right + 1;
      });
    }).map((e) => e.outerHTML.slice(0, 120));
  });
  expect(cut.length === 0, `cut off with wider spacing on ${page.url()}: ${cut.join(' ; ')}`);
  await page.evaluate((sheet) => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  }, handle);
}

function describe(violation) {
  const nodes = violation.nodes.slice(0, 4).map((node) => `${node.html.slice(0, 160)} (${node.failureSummary?.split('\n')[1]?.trim()})`);
  return `${violation.id}: ${violation.help}\n    ${nodes.join('\n    ')}`;
}

// Evaluated through the debugger, which the page's policy does not bind.
async function accessible(page, url) {
  await page.evaluate(axe.source);
  const found = await page.evaluate((rules) => window.axe.run({ runOnly: rules, resultTypes: ['violations'] }), RULES);
  const bad = [];
  for (const violation of found.violations) {
    const allowed = ALLOWED.filter(({ rule }) => rule === violation.id);
    const nodes = violation.nodes.filter((node) => !allowed.some(({ target }) => target.test(node.html)));
    if (nodes.length > 0) bad.push(describe({ ...violation, nodes }));
  }
  expect(bad.length === 0, `axe on ${url}:\n  ${bad.join('\n  ')}`);
}

// axe needs timers, which a window without JavaScript does not run: the page is shown to it in another window, as it stands
// and without its scripts.
let reader = null;

async function accessibleWithoutScript(person) {
  const url = person.page.url();
  const html = (await person.page.content()).replace(/<script\b[^>]*>[^]*?<\/script>/g, '');
  reader ??= await (await person.context.browser().newContext()).newPage();
  await reader.setViewportSize(person.page.viewportSize());
  const asked = (target) => target.href === url;
  await reader.route(asked, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  try {
    await reader.goto(url);
    await accessible(reader, url);
  } finally {
    await reader.unroute(asked);
  }
}

export class Inspector {
  constructor(person) {
    this.person = person;
  }

  async inspect() {
    const { person } = this;
    const { page, width, js } = person;
    const place = kind(page.url());
    const title = await page.title();
    await this.cheap(page, place, title);
    const key = [place, width, js, problem(title), person.status, person.state ?? ''].join(' ');
    if (seen.has(key)) return;
    seen.add(key);
    visited.add(place);
    await spaced(page);
    if (js) await accessible(page, page.url());
    else await accessibleWithoutScript(person);
  }

  async cheap(page, place, title) {
    await fits(page, '');
    const found = await page.evaluate(() => ({
      headings: document.querySelectorAll('h1').length, language: document.documentElement.lang,
      summary: document.querySelectorAll('.govuk-error-summary').length, text: document.body.innerText,
      styled: document.querySelectorAll('[style]').length,
    }));
    expect(/^\S.* – Upstander$/.test(title), `${place} has the title “${title}”`);
    expect(found.headings === 1, `${place} has ${found.headings} first headings`);
    expect(found.language === 'en', `${place} does not say its language`);
    expect((found.summary > 0) === title.startsWith('Error: '), `${place} has the title “${title}” and ${found.summary} error summaries`);
    const plain = title.replace(/^Error: /, '');
    // What is refused is refused in the same words everywhere.
    const other = this.person.status < 400 || problem(title) ? titles.get(plain) : null;
    expect(!other || other === place, `“${plain}” is the title of ${place} and of ${other}`);
    if (this.person.status < 400) titles.set(plain, place);
    if (this.person.reporter) {
      const late = found.text.match(LATENESS);
      expect(!late, `a reporter reads “${late?.[0]}” on ${place}`);
    }
  }
}
