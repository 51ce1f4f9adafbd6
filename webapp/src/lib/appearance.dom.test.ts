import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { appearance, followSystem, setAppearance } from './appearance';

const look = () => ({ ...document.documentElement.dataset });
let tellSystem: () => void = () => undefined;
let dark = false;

beforeEach(() => {
  dark = false;
  vi.spyOn(window, 'matchMedia').mockImplementation(
    () =>
      ({
        get matches() {
          return dark;
        },
        addEventListener: (_type: string, listener: () => void) => {
          tellSystem = listener;
        },
      }) as unknown as MediaQueryList,
  );
});
afterEach(() => setAppearance({ theme: 'system', density: 'compact', language: 'en', timezone: 'UTC' }));

test('a choice is in force at once and kept for the next first paint', () => {
  setAppearance({ theme: 'dark', density: 'comfortable' });
  expect(look()).toMatchObject({ theme: 'dark', density: 'comfortable' });
  expect(localStorage.getItem('sharemtc.theme')).toBe('dark');
  expect(localStorage.getItem('sharemtc.density')).toBe('comfortable');
  setAppearance({ timezone: 'Asia/Tokyo' });
  expect(appearance.get()).toMatchObject({ theme: 'dark', timezone: 'Asia/Tokyo' });
});

test('the system’s theme is followed only while none was chosen', () => {
  setAppearance({ theme: 'system' });
  followSystem();
  expect(look().theme).toBe('light');
  dark = true;
  tellSystem();
  expect(look().theme).toBe('dark');
  setAppearance({ theme: 'light' });
  tellSystem();
  expect(look().theme).toBe('light');
});

test('a browser that stores nothing still applies the choice', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  setAppearance({ theme: 'dark' });
  expect(look().theme).toBe('dark');
  expect(appearance.get().theme).toBe('dark');
});

test('what an older release or somebody else stored is not believed', async () => {
  localStorage.setItem('sharemtc.theme', 'sepia');
  localStorage.setItem('sharemtc.language', 'de');
  vi.resetModules();
  const fresh = await import('./appearance');
  expect(fresh.appearance.get()).toMatchObject({ theme: 'system', language: 'de' });
});
