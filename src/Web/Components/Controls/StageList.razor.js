// Cards that are moved by their grip: mouse and finger drag, arrow keys step. Blazor moves the card; here is only where it should go.

/** Where a card that is held at this height would stand. @param {{ top: number, bottom: number }[]} boxes in their present order @param {number} from @param {number} y */
export function placeOf(boxes, from, y) {
  let to = 0;
  for (const [i, box] of boxes.entries()) if (i !== from && y > (box.top + box.bottom) / 2) to++;
  return to;
}

/** @param {HTMLElement} list @param {{ invokeMethodAsync(name: string, ...args: unknown[]): Promise<void> }} blazor */
export function create(list, blazor) {
  const cards = () => [...list.querySelectorAll(':scope > [data-stage]')];
  let held = null;

  async function move(card, to) {
    await blazor.invokeMethodAsync('MovedAsync', card.dataset.stage, to);
    // A card that is put elsewhere in the document loses the focus.
    requestAnimationFrame(() => card.querySelector('.grip')?.focus());
  }

  function show(to) {
    const all = cards();
    for (const card of all) delete card.dataset.drop;
    if (to === null || to === held.from) return;
    all[to].dataset.drop = to > held.from ? 'after' : 'before';
  }

  function letGo() {
    for (const card of cards()) {
      delete card.dataset.drop;
      delete card.dataset.dragging;
    }
    held = null;
  }

  const on = {
    pointerdown(event) {
      const grip = event.target.closest('.grip');
      if (!grip || event.button !== 0) return;
      const card = grip.closest('[data-stage]');
      held = { card, from: cards().indexOf(card), y: event.clientY, to: null, moving: false };
      grip.setPointerCapture(event.pointerId);
    },
    pointermove(event) {
      if (!held || (!held.moving && Math.abs(event.clientY - held.y) < 5)) return;
      held.moving = true;
      held.card.dataset.dragging = '';
      held.to = placeOf(cards().map(c => c.getBoundingClientRect()), held.from, event.clientY);
      show(held.to);
    },
    pointerup() {
      const { card, from, to } = held ?? {};
      letGo();
      if (card && to !== null && to !== from) move(card, to);
    },
    pointercancel: letGo,
    keydown(event) {
      if (event.key === 'Escape' && held) letGo();
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const card = step && event.target.closest('.grip')?.closest('[data-stage]');
      if (!card) return;
      event.preventDefault();
      const all = cards();
      const to = all.indexOf(card) + step;
      if (to >= 0 && to < all.length) move(card, to);
    },
  };
  for (const [name, handler] of Object.entries(on)) list.addEventListener(name, handler);
  return {
    dispose() {
      for (const [name, handler] of Object.entries(on)) list.removeEventListener(name, handler);
    },
  };
}
