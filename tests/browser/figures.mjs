// Response times for somebody who sees the picture, somebody who reads the table, and somebody who takes the file; the queue;
// and perception beside outcome wherever there is an outcome.
import { equal, expect, test } from './lib/suite.mjs';
import { signedIn } from './lib/browser.mjs';
import { table } from './lib/pages.mjs';

const COLUMNS = { Number: 'Number', 'On time': 'On time', Late: 'Late', 'Open past due': 'Open past due', 'Still running': 'Running', Paused: 'Paused' };

// RFC 4180, as far as a file of ours goes.
function parseCsv(text) {
  const rows = text.trim().split(/\r\n/).map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, -1)
    .map(([, cell]) => cell.replace(/^"|"$/g, '').replaceAll('""', '"')));
  const heads = rows.shift();
  return rows.map((cells) => Object.fromEntries(heads.map((head, i) => [head, cells[i]])));
}

for (const [word, js, width] of [['at a desk', true, 1280], ['on a small telephone without JavaScript', false, 320]]) {
  test(`the picture, the table and the file of response times agree, ${word}`, async () => {
    const person = await signedIn('commissioner@example.test', { js, width });
    await person.visit('/scrutiny/response-times');
    const rows = await table(person.page);
    expect(rows.length > 5, `only ${rows.length} rows`);

    const chart = person.page.locator('svg.app-chart');
    expect((await chart.locator('title').textContent()).length > 10, 'the picture has no title');
    expect((await chart.locator('desc').textContent()).length > 10, 'the picture has no description');
    const bars = await chart.locator('.app-chart__value').allTextContents();
    const shares = rows.map((row) => row['On time (95% interval)']?.match(/^[\d.]+%/)?.[0]).filter(Boolean);
    equal(bars, shares, 'the figures of the bars, against the table');

    const link = await person.page.locator('a', { hasText: 'CSV' }).getAttribute('href');
    const reply = await person.context.request.get(link);
    expect(reply.headers()['content-type'].startsWith('text/csv'), 'the file is not a CSV file');
    const lines = parseCsv(await reply.text());
    equal(lines.length, rows.length, 'lines of the file');
    rows.forEach((row, i) => {
      for (const [column, name] of Object.entries(COLUMNS)) {
        if (row[column] !== undefined && /^[\d,]+$/.test(row[column])) {
          equal(lines[i][name], row[column].replaceAll(',', ''), `${row.Agency}, ${column}`);
        }
      }
    });
    await person.leave();
  });
}

test('choosing a pathway changes the figures and stays in the address', async () => {
  const person = await signedIn('scrutiny@example.test');
  await person.visit('/scrutiny/response-times');
  const all = (await table(person.page)).length;
  await person.keyboard.select('Pathway', 'LADO');
  await person.follow('Apply filters');
  const some = await table(person.page);
  expect(some.length > 0 && some.length < all, `${some.length} rows of ${all}`);
  expect(new URL(person.page.url()).searchParams.get('pathway') === 'LADO', 'the address does not hold the choice');
  await person.leave();
});

test('perception and outcome stand in one cell of the queue and together in a case', async () => {
  const person = await signedIn('lado@example.test');
  await person.visit('/referrals');
  const rows = await table(person.page);
  expect(rows.length > 0, 'the queue is empty');
  for (const row of rows) {
    const cell = row['Perception and outcome'];
    expect(/perceive/i.test(cell) && /outcome/i.test(cell), `a row of the queue says ${cell}`);
  }
  await person.page.locator('main a[href^="/referrals/RF"]').first().press('Enter');
  await person.page.waitForURL(/referrals\/RF/);
  await person.look();
  const together = person.page.locator('dl', { hasText: 'Perceived as racist by' });
  expect(/outcome|decision/i.test(await together.first().innerText()), 'the outcome does not stand beside the perception');
  await person.page.locator('main a[href^="/incidents/"]:not([href*="/conflict"])').first().press('Enter');
  await person.page.waitForURL(/incidents/);
  await person.look();
  const list = await person.page.locator('dl', { hasText: 'Perceived as racist by' }).first().innerText();
  expect(list.includes('Outcome so far'), 'the report’s page parts perception and outcome');
  await person.leave();
});

test('several new referrals are acknowledged at once, and the count falls', async () => {
  const person = await signedIn('lead.nhs@example.test', { width: 320 });
  await person.visit('/referrals?due=NEW');
  const count = async () => Number((await person.page.content()).match(/\((\d+) new\)/)?.[1] ?? 0);
  const before = await count();
  expect(before >= 2, `only ${before} are new`);
  await person.follow('Acknowledge the ticked referrals');
  expect((await person.title()).startsWith('Error: '), 'nothing was ticked and nobody says so');
  await person.keyboard.tick(/^Acknowledge RF/);
  await person.page.keyboard.press('Tab');
  await person.keyboard.tick(/^Acknowledge RF/);
  await person.follow('Acknowledge the ticked referrals');
  equal(await count(), before - 2, 'new referrals');
  equal(new URL(person.page.url()).searchParams.get('due'), 'NEW', 'the list that one goes on with');
  await person.leave();
});

test('the auditor reads the trail on a small telephone', async () => {
  const person = await signedIn('auditor@example.test', { width: 320 });
  await person.visit('/audit/events');
  expect((await table(person.page)).length > 10, 'the trail is empty');
  await person.leave();
});
