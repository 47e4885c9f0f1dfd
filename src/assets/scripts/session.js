// Warns before the session ends and lets people stay signed in (WCAG 2.2.1). The server ends the session by itself; the
// page only says so in time. Attributes of the dialog: data-session-seconds (until the end), data-warning-seconds
// (before the end), data-extend (a GET that prolongs the session), data-ended (where to go when it is over).
export function watchSession(dialog) {
  const { sessionSeconds, warningSeconds, extend, ended } = dialog.dataset;
  const remaining = dialog.querySelector('[data-remaining]');
  const length = Number(sessionSeconds) * 1000;
  const warning = Number(warningSeconds) * 1000;
  let end = Date.now() + length;

  const show = (left) => {
    const minutes = Math.ceil(left / 60000);
    remaining.textContent = minutes === 1 ? remaining.dataset.one : remaining.dataset.many.replace('%{count}', minutes);
  };
  const tick = () => {
    const left = end - Date.now();
    if (left <= 0) {
      window.location.assign(ended);
      return;
    }
    if (left <= warning) {
      show(left);
      if (!dialog.open) dialog.showModal();
    } else if (dialog.open) dialog.close();
    window.setTimeout(tick, Math.min(left, left <= warning ? 15000 : left - warning));
  };
  const stay = async () => {
    const reply = await fetch(extend, { credentials: 'same-origin', redirect: 'error' }).catch(() => null);
    if (!reply?.ok) {
      window.location.assign(ended);
      return;
    }
    end = Date.now() + length;
    if (dialog.open) dialog.close();
  };
  dialog.querySelector('[data-stay]').addEventListener('click', stay);
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    stay();
  });
  tick();
}
