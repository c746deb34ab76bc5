// The viewer's choice of theme: system, light or dark, and <rc-theme>, the three buttons for it.
// Runs in <head> before the first paint, so that the page never flashes in the wrong theme. A classic script on purpose: modules are deferred.
(() => {
  const key = 'rollcall.theme';
  const words = { system: 'System', light: 'Light', dark: 'Dark' };
  const light = matchMedia('(prefers-color-scheme: light)');

  function choice() {
    try {
      const stored = localStorage.getItem(key);
      return stored === 'dark' || stored === 'light' ? stored : 'system';
    } catch {
      return 'system'; // storage is forbidden in some embedded views
    }
  }

  function apply() {
    const chosen = choice();
    document.documentElement.dataset.theme = chosen === 'system' ? (light.matches ? 'light' : 'dark') : chosen;
    document.querySelectorAll('rc-theme').forEach(group => group.show?.(chosen));
  }

  customElements.define('rc-theme', class extends HTMLElement {
    connectedCallback() {
      this.setAttribute('role', 'group');
      this.setAttribute('aria-label', 'Theme');
      this.replaceChildren(...Object.entries(words).map(([value, word]) => {
        const button = document.createElement('button');
        Object.assign(button, { type: 'button', textContent: word, value });
        button.addEventListener('click', () => choose(value));
        return button;
      }));
      this.show(choice());
    }

    show(chosen) {
      for (const button of this.children) button.setAttribute('aria-pressed', String(button.value === chosen));
    }
  });

  function choose(value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Without storage the theme stays the system's.
    }
    apply();
  }

  light.addEventListener('change', apply);
  addEventListener('storage', event => event.key === key && apply());
  apply();
})();
