// Focus follows the arrows. The row may not be in the document yet (the list is virtual): then its place is scrolled to, and it is focused when it appears.
const rowHeight = 37;

const ours = new Set(['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'Enter', ' ']);

/** Keys that the grid answers must not scroll the page as well. */
export function tame(table) {
  table.addEventListener('keydown', event => {
    if (ours.has(event.key) && event.target.matches('tr')) event.preventDefault();
  });
}

export function focusRow(table, id, index) {
  const now = document.getElementById(id);
  if (now) return show(now);
  const scroller = table.parentElement;
  scroller.scrollTop = Math.max(0, index * rowHeight - scroller.clientHeight / 2);
  const body = table.tBodies[0];
  const watch = new MutationObserver(() => {
    const row = document.getElementById(id);
    if (!row) return;
    watch.disconnect();
    show(row);
  });
  watch.observe(body, { childList: true });
  setTimeout(() => watch.disconnect(), 2000);
}

/** After a drawer went away the focus is nowhere: it belongs on the row that opened it. */
export function focusIfNobody(id) {
  setTimeout(() => {
    const row = document.getElementById(id);
    if (row && (document.activeElement === document.body || !document.activeElement)) show(row);
  }, 60);
}

function show(row) {
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
}
