/** Theme and density: this browser's own settings. public/appearance.js reads the same keys before first paint. */
import { createStore } from './store';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const DENSITIES = ['compact', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];

export interface Appearance {
  theme: Theme;
  density: Density;
}

const KEYS = { theme: 'sharemtc.theme', density: 'sharemtc.density' } as const;

function read<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  try {
    const value = localStorage.getItem(key) as T | null;
    return value && allowed.includes(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export const appearance = createStore<Appearance>({
  theme: read(KEYS.theme, THEMES, 'system'),
  density: read(KEYS.density, DENSITIES, 'compact'),
});

const systemIsDark = () => window.matchMedia?.('(prefers-color-scheme: dark)').matches ?? false;

export function apply({ theme, density }: Appearance): void {
  const dark = theme === 'dark' || (theme === 'system' && systemIsDark());
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.documentElement.dataset.density = density;
}

export function setAppearance(change: Partial<Appearance>): void {
  const next = { ...appearance.get(), ...change };
  try {
    localStorage.setItem(KEYS.theme, next.theme);
    localStorage.setItem(KEYS.density, next.density);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
  apply(next);
  appearance.set(next);
}

/** Follow the system while the theme is "system". */
export function followSystem(): void {
  apply(appearance.get());
  window
    .matchMedia?.('(prefers-color-scheme: dark)')
    .addEventListener('change', () => apply(appearance.get()));
}
