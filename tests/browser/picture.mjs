// Makes docs/images/queue.png, the picture of the README: the queue of a safeguarding lead in the demonstration.
//
//     tests/lib/server tools/node tests/browser/picture.mjs
import { fileURLToPath } from 'node:url';
import { closeBrowser, signedIn } from './lib/browser.mjs';

const file = fileURLToPath(new URL('../../docs/images/queue.png', import.meta.url));
try {
  const lead = await signedIn('lead@example.test', { height: 900 });
  await lead.visit('/referrals');
  await lead.page.evaluate(() => document.activeElement.blur());
  await lead.page.screenshot({ path: file });
} finally {
  await closeBrowser();
}
