// <rc-time at="2026-11-22T22:46:34Z" mode="ago|elapsed|until|countdown|clock">: relative in the text, absolute in the title, both in the viewer's own zone and counted on
// in the browser, so that a page full of ages costs the server nothing. An element of its own because Blazor then owns the attributes and we own the text.
const live = new Set();
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const dayAndClock = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false });

/** 0.4 s, 21 s, 3 m 05 s, 2 h 14 m, 3 d 4 h: the same words as DurationText on the server. */
export function duration(seconds) {
  const s = Math.max(0, seconds);
  if (s < 1) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} m ${String(Math.floor(s % 60)).padStart(2, '0')} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} m`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

function coarse(seconds) {
  const s = Math.max(0, seconds);
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}

class RcTime extends HTMLElement {
  static observedAttributes = ['at', 'mode'];

  connectedCallback() {
    live.add(this);
    this.show();
  }

  disconnectedCallback() {
    live.delete(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.show();
  }

  show(now = Date.now()) {
    const at = new Date(this.getAttribute('at'));
    if (Number.isNaN(at.getTime())) return;
    const text = wording(this.getAttribute('mode') ?? 'ago', at, now);
    if (!this.time) {
      this.time = document.createElement('time');
      this.replaceChildren(this.time);
    }
    if (this.time.textContent !== text) this.time.textContent = text;
    if (this.time.dateTime !== at.toISOString()) {
      this.time.dateTime = at.toISOString();
      this.time.title = absolute.format(at);
    }
  }
}

function wording(mode, at, now) {
  const past = (now - at.getTime()) / 1000;
  switch (mode) {
    case 'elapsed': return duration(past);
    case 'until': return past >= 0 ? 'now' : `in ${coarse(-past)}`;
    case 'countdown': return past >= 0 ? 'now' : `in ${duration(-past)}`;
    case 'clock': return Math.abs(past) < 43200 ? clock.format(at) : dayAndClock.format(at);
    default:
      if (past < -1) return `in ${coarse(-past)}`;
      return past < 5 ? 'just now' : `${coarse(past)} ago`;
  }
}

customElements.define('rc-time', RcTime);
setInterval(() => {
  if (document.hidden) return;
  const now = Date.now();
  for (const element of live) element.show(now);
}, 1000);
