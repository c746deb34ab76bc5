/** Tells styles, tests and the boot shell that the page is alive: the first interactive render is on screen. */
export function ready() {
  document.documentElement.dataset.circuit = 'ready';
}

/** Shows or hides the "cluster does not answer" strip; ReconnectModal watches this attribute. @param {string | null} since ISO time last heard */
export function backend(since) {
  if (since) document.documentElement.dataset.backendLost = since;
  else delete document.documentElement.dataset.backendLost;
}

const icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0e1317"/><rect x="5" y="13" width="11" height="11" rx="3.4" fill="#2fb7a8"/><path d="M6 11l1.3-4.2 3.2 2.3 3.2-2.3L15 11z" fill="#2fb7a8"/><g fill="none" stroke="#e7eef3" stroke-width="2"><circle cx="23.5" cy="11" r="3.4"/><circle cx="23.5" cy="22" r="3.4"/></g>';
let plain;

/** The icon with a badge: how many gates wait for this person. Above nine the figure would not be read any more. @param {number} count */
export function badge(count) {
  const text = count > 9 ? '9+' : String(count);
  return `${icon}<circle cx="21.5" cy="10.5" r="10.5" fill="#d9363e"/><text x="21.5" y="15.6" text-anchor="middle" font-family="system-ui,sans-serif" font-size="${text.length > 1 ? 12 : 15}" font-weight="700" fill="#fff">${text}</text></svg>`;
}

/** Draws the count into the tab's icon; none takes it away. @param {number} count */
export function waiting(count) {
  const link = document.querySelector('link[rel="icon"]');
  if (!link) return;
  plain ??= link.href;
  link.href = count > 0 ? `data:image/svg+xml,${encodeURIComponent(badge(count))}` : plain;
}
