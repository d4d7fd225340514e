/* Sets the theme before the first paint, so that nobody is flashed at night. Runs as a plain blocking script. */
(() => {
  const root = document.documentElement;
  const light = matchMedia('(prefers-color-scheme: light)');
  const apply = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem('lookout.theme');
    } catch {
      chosen = null; // storage is switched off: follow the system
    }
    const theme = chosen === 'light' || chosen === 'dark' ? chosen : light.matches ? 'light' : 'dark';
    root.dataset.theme = theme;
    const colour = document.querySelector('meta[name="theme-color"]');
    if (colour) colour.content = theme === 'light' ? '#f4f5f3' : '#0e1214';
  };
  apply();
  light.addEventListener('change', apply);
  addEventListener('lookout:theme', apply);
  addEventListener('storage', apply);
})();
