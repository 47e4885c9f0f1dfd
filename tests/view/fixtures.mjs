// Compares our components with GOV.UK Frontend's own fixtures: options in, the same DOM out.
//
//     tools/node tests/view/fixtures.mjs BUILD/tests/unit/view/render [-v]
//
// White space is compared as a browser shows it: runs are one space, and space at the edges of anything but a <span>
// is nothing. Text in <textarea> and <pre> is compared exactly.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseFragment } from 'parse5';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const renderer = process.argv[2];
const verbose = process.argv.includes('-v');
if (!renderer) {
  console.error('usage: fixtures.mjs RENDERER [-v]');
  process.exit(2);
}

const wholeComponents = new Map([
  ['accordion', 'not used: content stays in sight'],
  ['cookie-banner', 'not used: the service sets no cookie that asks for consent'],
  ['feedback', 'not used'],
  ['file-upload', 'not used yet'],
  ['footer', 'ours has no crest and no crown, so it cannot equal GOV.UK’s'],
  ['header', 'the GOV.UK header is for gov.uk alone; generic-header is used'],
  ['language-navigation', 'not used yet'],
  ['tabs', 'not used: content stays in sight'],
]);

// Options that we do not take, each with its reason.
const reasons = [
  (component, options) => hasStringAttributes(options) && 'attributes given as one string of markup',
];

function hasStringAttributes(value) {
  if (Array.isArray(value)) return value.some(hasStringAttributes);
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, inner]) =>
    (key === 'attributes' && (typeof inner === 'string' || inner?.val)) || hasStringAttributes(inner));
}

const inlineEdges = new Set(['span']);
const exact = new Set(['textarea', 'pre']);

function normal(node) {
  if (node.nodeName === '#text') return node.value;
  if (node.nodeName === '#comment') return null;
  const attrs = Object.fromEntries((node.attrs ?? [])
    .map(({ name, value }) => [name, name === 'class' ? value.trim().split(/\s+/).join(' ') : value])
    .sort(([a], [b]) => (a < b ? -1 : 1)));
  const children = [];
  for (const child of node.childNodes ?? []) {
    const value = normal(child);
    if (value === null) continue;
    if (typeof value === 'string' && typeof children.at(-1) === 'string') children.push(children.pop() + value);
    else children.push(value);
  }
  const keep = exact.has(node.nodeName);
  const edges = inlineEdges.has(node.nodeName);
  const last = children.length - 1;
  const out = children.map((child, i) => {
    if (typeof child !== 'string' || keep) return child;
    let text = child.replace(/\s+/g, ' ');
    if (i === 0 && !edges) text = text.trimStart();
    if (i === last && !edges) text = text.trimEnd();
    return text;
  }).filter((child) => typeof child !== 'string' || keep || child.trim() !== '');
  return { name: node.nodeName, attrs, children: out };
}

const canonical = (html) => JSON.stringify(normal(parseFragment(html)), null, 1);

const folder = join(root, 'node_modules/govuk-frontend/dist/govuk/components');
const supported = [];
const left = new Map();
const leave = (component, name, why) => left.set(`${component}: ${why}`, [...(left.get(`${component}: ${why}`) ?? []), name]);
for (const component of readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name)) {
  const { fixtures } = JSON.parse(readFileSync(join(folder, component, 'fixtures.json'), 'utf8'));
  for (const { name, options, html } of fixtures) {
    const why = wholeComponents.get(component) || reasons.map((r) => r(component, options, name)).find(Boolean);
    if (why) leave(component, name, why);
    else supported.push({ component, name, options, html });
  }
}

const run = spawnSync(renderer, [], {
  input: supported.map(({ component, options }) => JSON.stringify({ component, options }) + '\n').join(''),
  encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
});
if (run.status !== 0) {
  console.error(run.stderr || run.error || `the renderer ended by ${run.signal}`);
  process.exit(1);
}
const rendered = run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
if (rendered.length !== supported.length || supported.length === 0) {
  console.error(`asked for ${supported.length} components, got ${rendered.length}`);
  process.exit(1);
}

let failed = 0;
const matched = new Map();
supported.forEach(({ component, name, html }, i) => {
  const [expected, got] = [canonical(html), canonical(rendered[i])];
  const [hits, all] = matched.get(component) ?? [0, 0];
  matched.set(component, [hits + (expected === got), all + 1]);
  if (expected === got) return;
  failed++;
  console.log(`differs: ${component}: ${name}`);
  if (verbose) console.log(`--- expected\n${html}\n--- got\n${rendered[i]}`);
});
for (const [component, [hits, all]] of matched) console.log(`${component}: ${hits} of ${all} fixtures match`);
for (const [why, names] of left) console.log(`left out (${names.length}) ${why}`);
console.log(`${supported.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
