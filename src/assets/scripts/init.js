// Everything that the pages run. Each part only adds to a page that works without it.
import { initAll } from './govuk-frontend.js';
import { watchSession } from './session.js';

initAll();
const dialog = document.querySelector('dialog[data-session-seconds]');
if (dialog) watchSession(dialog);
