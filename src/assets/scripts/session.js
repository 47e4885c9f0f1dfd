// Warns before the session ends and lets people stay signed in (WCAG 2.2.1). The server ends the session by itself; the
// page only says so in time. Attributes of the dialog: data-session-seconds (until the end), data-warning-seconds
// (before the end), data-extend (a GET that prolongs the session), data-ended (where to go when it is over).
//
// Where something was typed the page is not left when the time is over: it is covered, and the form is sent when the
// person asks to sign in again. The server then answers with the sign-in page and keeps what was typed.
export function watchSession(dialog) {
  const { sessionSeconds, warningSeconds, extend, ended } = dialog.dataset;
  const remaining = dialog.querySelector('[data-remaining]');
  const length = Number(sessionSeconds) * 1000;
  const warning = Number(warningSeconds) * 1000;
  let end = Date.now() + length;
  let typedIn = null;

  const show = (left) => {
    const minutes = Math.ceil(left / 60000);
    remaining.textContent = minutes === 1 ? remaining.dataset.one : remaining.dataset.many.replace('%{count}', minutes);
  };
  const turn = (over) => {
    dialog.classList.toggle('app-timeout--over', over);
    dialog.querySelector('[data-warning]').hidden = over;
    dialog.querySelector('[data-over]').hidden = !over;
    dialog.setAttribute('aria-labelledby', over ? 'over-title' : 'timeout-title');
    dialog.setAttribute('aria-describedby', over ? 'over-text' : 'timeout-text');
  };
  const finish = () => {
    if (!typedIn) {
      window.location.assign(ended);
      return;
    }
    if (dialog.open) dialog.close(); // and open it anew, so that it is read out
    turn(true);
    dialog.showModal();
  };
  const tick = () => {
    const left = end - Date.now();
    if (left <= 0) {
      finish();
      return;
    }
    if (left <= warning) {
      show(left);
      if (!dialog.open) dialog.showModal();
    } else if (dialog.open) dialog.close();
    window.setTimeout(tick, Math.min(left, left <= warning ? 15000 : left - warning));
  };
  const prolonged = async () => {
    const reply = await fetch(extend, { credentials: 'same-origin', redirect: 'manual' }).catch(() => null);
    if (reply?.ok) end = Date.now() + length;
    return Boolean(reply?.ok);
  };
  const stay = async () => {
    if (!await prolonged()) finish();
    else if (dialog.open) dialog.close();
  };
  // Another window may have kept the session alive: then nothing is sent, and the person goes on where they were.
  const resume = async () => {
    if (!await prolonged()) {
      typedIn.submit();
      return;
    }
    dialog.close();
    turn(false);
    tick();
  };
  document.addEventListener('input', (event) => {
    if (event.target.form?.method === 'post') typedIn = event.target.form;
  });
  dialog.querySelector('[data-stay]').addEventListener('click', stay);
  dialog.querySelector('[data-resume]').addEventListener('click', resume);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    if (dialog.classList.contains('app-timeout--over')) resume();
    else stay();
  });
  tick();
}
