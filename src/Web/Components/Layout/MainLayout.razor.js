/** Tells styles, tests and the boot shell that the page is alive: the first interactive render is on screen. */
export function ready() {
  document.documentElement.dataset.circuit = 'ready';
}

/** Shows or hides the "cluster does not answer" strip; ReconnectModal watches this attribute. @param {string | null} since ISO time last heard */
export function backend(since) {
  if (since) document.documentElement.dataset.backendLost = since;
  else delete document.documentElement.dataset.backendLost;
}
