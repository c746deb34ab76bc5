// Circuit states come from Blazor as events on the dialog; the backend's state is an attribute that the layout sets on <html>.
const dialog = document.getElementById('components-reconnect-modal');
const title = document.getElementById('reconnect-title');
const text = document.getElementById('reconnect-text');
const root = document.documentElement;
let circuit = 'hide';
let dismissed = null;
let typed = false;

const circuitWords = {
  show: ['Connection to Rollcall lost', 'Trying to reach it again. Runs go on without this page.'],
  retrying: ['Connection to Rollcall lost', 'Runs go on without this page.'],
  failed: ['Rollcall does not answer', 'It may be restarting. Runs go on by themselves when it is back.'],
  rejected: ['This page is no longer known to Rollcall', 'It was restarted, or the page slept too long. Runs are not touched by that; what you typed here is lost with the reload.'],
  paused: ['Paused while you were away', 'The page was put to sleep to save memory.'],
  'resume-failed': ['This page could not be woken', 'Reloading loses nothing.'],
};
const buttons = { show: [], retrying: ['retry'], failed: ['retry', 'reload'], rejected: ['reload'], paused: ['retry'], 'resume-failed': ['reload'] };

dialog.addEventListener('components-reconnect-state-changed', event => {
  circuit = event.detail.state;
  // A screen on a wall has nobody to press the button; where somebody has typed, they may want to copy it first.
  if (circuit === 'rejected' && !typed) location.reload();
  else render();
});
document.addEventListener('input', event => { typed ||= event.target.matches('textarea, input:not([type=search])'); });
document.addEventListener('submit', () => { typed = false; });
new MutationObserver(render).observe(root, { attributeFilter: ['data-backend-lost'] });
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && (circuit === 'failed' || circuit === 'paused')) retry();
});
dialog.addEventListener('click', event => {
  switch (event.target.dataset.reconnect) {
    case 'retry': retry(); break;
    case 'reload': location.reload(); break;
    case 'dismiss': dismissed = root.dataset.backendLost; render(); break;
  }
});
dialog.addEventListener('cancel', event => circuit !== 'hide' && event.preventDefault());

function render() {
  const lost = root.dataset.backendLost;
  if (!lost) dismissed = null;
  if (circuitWords[circuit]) {
    say('circuit', circuit in { failed: 1, rejected: 1, 'resume-failed': 1 } ? 'failed' : circuit, ...circuitWords[circuit], buttons[circuit]);
    open(true);
  } else if (lost && dismissed !== lost) {
    say('backend', 'show', "The cluster's API server does not answer", `Last heard ${new Date(lost).toLocaleTimeString()}. What is shown may be old, and nothing new is started until it answers; Rollcall keeps trying.`, ['dismiss']);
    open(false);
  } else if (dialog.open) {
    dialog.close();
  }
}

function say(loss, state, heading, words, shown) {
  Object.assign(dialog.dataset, { loss, state });
  title.textContent = heading;
  text.textContent = words;
  for (const button of dialog.querySelectorAll('[data-reconnect]')) button.hidden = !shown.includes(button.dataset.reconnect);
}

function open(modal) {
  if (dialog.open && dialog.matches(':modal') === modal) return;
  if (dialog.open) dialog.close();
  if (modal) dialog.showModal();
  else dialog.show();
}

async function retry() {
  try {
    // reconnect() is false when the server answers but has forgotten the circuit: then its persisted state may still be there.
    if ((await Blazor.reconnect()) || (await Blazor.resumeCircuit())) return;
    if (!typed) location.reload();
    circuit = 'rejected';
    render();
  } catch {
    circuit = 'failed'; // the server is away: stay, and try again when asked or when the tab is seen
    render();
  }
}
