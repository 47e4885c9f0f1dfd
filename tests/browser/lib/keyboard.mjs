// Hands on a keyboard: Tab, arrows, Space, Enter and letters, and nothing that a hand could not do. Whatever takes the focus
// on the way must show it, and must be on the screen.
import { expect, Failure } from './suite.mjs';

const MOST_TABS = 250;

// Runs in the page: what has the focus, how it is called, and whether somebody can see that it has it.
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const plain = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
  const label = element.labels?.length ? [...element.labels].map((l) => l.textContent).join(' ') : '';
  const group = element.closest('fieldset')?.querySelector('legend')?.textContent;
  const shown = (style) => style.boxShadow !== 'none' || style.backgroundColor === 'rgb(255, 221, 0)'
    || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && !/, 0\)$/.test(style.outlineColor));
  const styles = [getComputedStyle(element)];
  for (const l of element.labels ?? []) styles.push(getComputedStyle(l, '::before'));
  const box = (getComputedStyle(element).opacity === '0' && element.labels?.[0] ? element.labels[0] : element)
    .getBoundingClientRect();
  return {
    tag: element.tagName.toLowerCase(), type: element.type ?? '', name: element.name ?? '', id: element.id,
    text: plain(element.getAttribute('aria-label') ?? (label || element.textContent || element.value)), group: plain(group),
    checked: Boolean(element.checked), value: element.value ?? '',
    option: element.tagName === 'SELECT' ? plain(element.selectedOptions[0]?.textContent) : '',
    // The button within a field for dates is the browser's own, and so is the ring round it.
    visible: styles.some(shown) || (element.type === 'date' && !element.matches(':focus')),
    onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    html: element.outerHTML.slice(0, 200),
  };
}

// A question that may be left out says so at its end.
const matches = (found, wanted) => (wanted instanceof RegExp ? wanted.test(found) : found.replace(/ \(optional\)$/, '') === wanted);

export class Keyboard {
  constructor(page) {
    this.page = page;
  }

  focus() {
    return this.page.evaluate(focused);
  }

  async press(key) {
    await this.page.keyboard.press(key);
    const now = await this.focus();
    if (now && (key === 'Tab' || key === 'Shift+Tab')) {
      expect(now.visible, `nobody can see that this has the focus: ${now.html}`);
      expect(now.onScreen, `this has the focus and is not on the screen: ${now.html}`);
    }
    return now;
  }

  // Tabs on to what fits; from the end of the page it goes round once.
  async seek(what, fits) {
    let now = await this.focus();
    const passed = [];
    for (let rounds = 0, n = 0; n < MOST_TABS; n++) {
      if (now && fits(now)) return now;
      now = await this.press('Tab');
      passed.push(now?.text || now?.tag || 'the end of the page');
      if (!now && ++rounds > 1) break;
    }
    throw new Failure(`no Tab leads to ${what}; the keys passed: ${passed.slice(-60).join(' | ')} on ${this.page.url()}`);
  }

  reach(name, tags) {
    return this.seek(name, (now) => tags.includes(now.tag) && matches(now.text, name));
  }

  async write(label, text) {
    await this.seek(label, (now) => matches(now.text, label) && (now.tag === 'textarea'
      || (now.tag === 'input' && !['radio', 'checkbox', 'submit'].includes(now.type))));
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  // One Tab enters a group of radios, arrows move in it. `group` is its legend, where there are several on the page.
  async choose(label, group = null) {
    const mine = (now) => now.type === 'radio' && (!group || matches(now.group, group));
    let now = await this.seek(`the choice ${label}`, mine);
    if (!now.checked) {
      await this.page.keyboard.press('Space');
      now = await this.focus();
    }
    const first = now.id;
    while (!matches(now.text, label)) {
      await this.page.keyboard.press('ArrowDown');
      now = await this.focus();
      expect(now.id !== first, `there is no choice ${label} on ${this.page.url()}`);
    }
    expect(now.checked, `${label} was not chosen`);
  }

  async tick(label) {
    const now = await this.seek(label, (it) => it.type === 'checkbox' && matches(it.text, label));
    if (!now.checked) await this.page.keyboard.press('Space');
    expect((await this.focus()).checked, `${label} was not ticked`);
  }

  // Letters move in a list as in any browser; the option is known by its beginning.
  async select(label, option) {
    await this.seek(label, (now) => now.tag === 'select' && matches(now.text, label));
    await this.page.keyboard.type(option);
    const now = await this.focus();
    expect(now.option.startsWith(option), `typing ${option} in ${label} chose ${now.option}`);
  }
}
