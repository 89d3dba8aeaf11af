// What makes the console nicer. Nothing depends on it.

// Times in the viewer's zone; UTC stays on hover.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
for (const time of document.querySelectorAll('time')) {
  time.textContent = local.format(new Date(time.dateTime));
}

// Where the navigation is longer than the window, it shows where one is.
document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

// A second click does nothing.
document.addEventListener('submit', (event) => {
  if (event.target.dataset.sent) {
    event.preventDefault();
  }
  event.target.dataset.sent = 'true';
});
window.addEventListener('pageshow', () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
  }
});

// Keys: j and k go through the rows, / searches, Escape closes, and what has a data-key says its own.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === 'Escape') {
    document.querySelectorAll('details[open]').forEach((it) => (it.open = false));
    document.activeElement?.blur();
    return;
  }
  if (event.target.closest('input, textarea, select')) {
    return;
  }
  const rows = [...document.querySelectorAll('[data-row]')];
  const target = {
    j: rows[rows.indexOf(document.activeElement) + 1],
    k: rows[rows.indexOf(document.activeElement) - 1],
    '/': document.querySelector('[type=search]'),
  }[event.key];
  const action = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (target) {
    target.focus();
  } else if (action) {
    action.focus();
    action.click();
    action.closest('details[open]')?.querySelector('textarea, form button')?.focus();
  } else {
    return;
  }
  event.preventDefault();
});
