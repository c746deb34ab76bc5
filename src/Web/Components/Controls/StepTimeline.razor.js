// Keeps the step in hand in view without taking the page away from its reader: once somebody scrolls the list, only "Jump to now" moves it.
const byHand = new WeakSet();

const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';

/** The element that scrolls the list, or null where the page itself does (narrow screens): there the list never moves by itself. */
function scroller(root) {
  for (let e = root; e && e !== document.body; e = e.parentElement) {
    if (/(auto|scroll)/.test(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight) return e;
  }
  return null;
}

function find(root, id) {
  return root.querySelector(`#${CSS.escape(`step-${id}`)}`);
}

function reveal(step) {
  for (let d = step.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
}

/** First render: a permalink wins over following. @param {HTMLElement} root */
export function open(root) {
  for (const event of ['wheel', 'touchmove', 'keydown']) root.addEventListener(event, () => byHand.add(root), { passive: true });
  if (!location.hash.startsWith('#step-')) return;
  const step = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!step || !root.contains(step)) return;
  byHand.add(root);
  reveal(step);
  step.scrollIntoView({ block: 'center' });
  step.classList.add('linked');
}

/** The step in hand has moved on. @param {HTMLElement} root @param {string} id */
export function follow(root, id) {
  const box = scroller(root);
  const step = find(root, id);
  if (!box || !step || byHand.has(root)) return;
  const row = step.getBoundingClientRect();
  const view = box.getBoundingClientRect();
  if (row.top >= view.top + 40 && row.bottom <= view.bottom - 40) return;
  box.scrollTo({ top: box.scrollTop + row.top - view.top - view.height / 3, behavior: calm() });
}

/** Asked for by hand: shows the step and follows again. @param {HTMLElement} root @param {string} id */
export function jump(root, id) {
  byHand.delete(root);
  const step = find(root, id);
  if (!step) return;
  reveal(step);
  step.scrollIntoView({ block: 'center', behavior: calm() });
}
