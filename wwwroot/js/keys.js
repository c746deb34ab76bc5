// The keyboard, in one place: / searches, ? shows what there is, arrows go through lists. Trees and the graph answer their own arrows.
const words = [['/', 'Search on this page'], ['?', 'Show these keys'], ['↑ ↓', 'Go through a list, a table or a tree'], ['← →', 'Close and open a branch of a tree'], ['Home End', 'First and last of a list'], ['Enter', 'Open what is in focus'], ['Esc', 'Close a dialog or a drawer']];

/** Somebody is typing there; letters are theirs. @param {Element | null} element */
export function typing(element) {
  return !!element && (element.isContentEditable || element.matches('input:not([type=checkbox]):not([type=radio]), textarea, select'));
}

/** Where an arrow leads. @param {number} at -1 for nowhere yet @param {number} count @param {string} key */
export function next(at, count, key) {
  if (count === 0) return -1;
  switch (key) {
    case 'ArrowDown': return Math.min(at + 1, count - 1);
    case 'ArrowUp': return at < 0 ? count - 1 : Math.max(at - 1, 0);
    case 'Home': return 0;
    case 'End': return count - 1;
    default: return -1;
  }
}

const visible = element => element.getClientRects().length > 0;

function search() {
  const field = [...document.querySelectorAll('input[type=search]')].find(visible);
  if (!field) return false;
  field.focus();
  field.select();
  return true;
}

function help() {
  let dialog = document.getElementById('keys');
  if (!dialog) {
    dialog = document.createElement('dialog');
    dialog.id = 'keys';
    dialog.setAttribute('aria-labelledby', 'keys-title');
    const title = Object.assign(document.createElement('h2'), { id: 'keys-title', textContent: 'Keyboard' });
    const list = document.createElement('dl');
    for (const [keys, text] of words) {
      const dt = document.createElement('dt');
      dt.append(...keys.split(' ').map(key => Object.assign(document.createElement('kbd'), { textContent: key })));
      list.append(dt, Object.assign(document.createElement('dd'), { textContent: text }));
    }
    const close = Object.assign(document.createElement('button'), { type: 'button', className: 'btn', textContent: 'Close' });
    close.addEventListener('click', () => dialog.close());
    dialog.append(title, list, close);
    document.body.append(dialog);
  }
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

function walk(event) {
  const focused = document.activeElement;
  const within = focused?.closest('[data-list]');
  // Elsewhere the arrows scroll, as everywhere; the first one on a page that is nothing but a list enters it.
  if (focused !== document.body && !within) return;
  const list = within ?? document.querySelector('[data-list]');
  const items = list ? [...list.querySelectorAll('[data-item]')].filter(visible) : [];
  const to = next(items.indexOf(focused), items.length, event.key);
  if (to < 0 || (!within && event.key !== 'ArrowDown')) return;
  event.preventDefault();
  items[to].focus();
  items[to].scrollIntoView({ block: 'nearest' });
}

globalThis.document?.addEventListener?.('keydown', event => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || document.querySelector('.mud-dialog') || (document.querySelector('dialog[open]') && event.key !== '?')) return;
  if (event.key === '/') {
    if (search()) event.preventDefault();
  } else if (event.key === '?') {
    event.preventDefault();
    help();
  } else if (['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) {
    walk(event);
  }
});
