/**
 * How the console looks and writes times. The account's settings on the server decide; what is stored here is a copy
 * for the first paint, whose theme and density public/appearance.js reads under the same keys.
 */
import type { Preferences } from '@/types/domain';
import { createStore } from './store';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const DENSITIES = ['compact', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];

export const LANGUAGES = [
  'en',
  'en-GB',
  'en-US',
  'de',
  'es',
  'fr',
  'it',
  'ja',
  'nl',
  'pl',
  'pt-BR',
  'zh-CN',
] as const satisfies readonly Preferences['language'][];
export type Language = (typeof LANGUAGES)[number];

export interface Appearance {
  theme: Theme;
  density: Density;
  /** BCP 47; how dates and times are written. */
  language: Language;
  /** IANA name. */
  timezone: string;
}

const KEYS = {
  theme: 'sharemtc.theme',
  density: 'sharemtc.density',
  language: 'sharemtc.language',
  timezone: 'sharemtc.timezone',
} as const;

function readText(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function ownTimezone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

function read<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  const value = readText(key) as T | null;
  return value && allowed.includes(value) ? value : fallback;
}

export const appearance = createStore<Appearance>({
  theme: read(KEYS.theme, THEMES, 'system'),
  density: read(KEYS.density, DENSITIES, 'compact'),
  language: read(KEYS.language, LANGUAGES, 'en'),
  timezone: readText(KEYS.timezone) ?? ownTimezone(),
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
    for (const name of Object.keys(KEYS) as (keyof Appearance)[]) {
      localStorage.setItem(KEYS[name], next[name]);
    }
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
