import './line.mjs';
import './form.mjs';
import './session.mjs';
import './figures.mjs';
import './account.mjs';
import './cases.mjs';
import { run } from './lib/suite.mjs';
import { afterFailure, closeBrowser } from './lib/browser.mjs';

let failures = 1;
try {
  failures = await run(process.argv.slice(2), afterFailure);
} finally {
  await closeBrowser();
}
process.exitCode = failures > 0 ? 1 : 0;
