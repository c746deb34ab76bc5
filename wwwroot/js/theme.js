// The viewer's choice of theme: system, light or dark. A button with data-theme-switch cycles it; data-theme-switch="dark" sets it.
// Runs in <head> before the first paint, so that the page never flashes in the wrong theme. A classic script on purpose: modules are deferred.
(() => {
  const key = 'rollcall.theme';
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
    const root = document.documentElement;
    root.dataset.theme = chosen === 'system' ? (light.matches ? 'light' : 'dark') : chosen;
    root.dataset.themeChoice = chosen;
  }

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
  addEventListener('click', event => {
    const button = event.target.closest?.('[data-theme-switch]');
    if (button) choose(button.dataset.themeSwitch || { system: 'light', light: 'dark', dark: 'system' }[choice()]);
  });
  apply();
})();
