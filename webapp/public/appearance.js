// Runs before first paint so that a dark-theme reader never sees a white flash. A file of its own, not an
// inline script, so that a content security policy without 'unsafe-inline' holds. Keys: see src/lib/appearance.ts.
(() => {
  const root = document.documentElement;
  let theme = 'system';
  let density = 'compact';
  try {
    theme = localStorage.getItem('sharemtc.theme') ?? theme;
    density = localStorage.getItem('sharemtc.density') ?? density;
  } catch {
    // Storage may be blocked; the defaults stand.
  }
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.density = density;
})();
