import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appearance, setAppearance } from '@/lib/appearance';
import { setShortcuts } from '@/lib/shortcuts';
import { formatDateTime } from '@/lib/time';
import { at, makePreferences, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

const before = appearance.get();

beforeEach(() => answerShell());
afterEach(() => {
  setAppearance(before);
  setShortcuts(true);
});

test('what the account has chosen is in force wherever it signs in', async () => {
  const chosen = makePreferences({
    theme: 'dark',
    timezone: 'Asia/Tokyo',
    language: 'de',
    updated_at: at(),
  });
  server.use(http.get('*/v1/auth/settings', () => HttpResponse.json(chosen)));
  renderApp('/vms');
  await screen.findByRole('heading', { level: 1, name: 'VM' });
  await expect.poll(() => document.documentElement.dataset.theme).toBe('dark');
  expect(formatDateTime('2026-03-01T12:00:00Z')).toBe('01.03.2026, 21:00:00');
});

test('while nothing is chosen the browser’s own look stays', async () => {
  setAppearance({ theme: 'dark' });
  const { queries } = renderApp('/vms');
  await expect.poll(() => queries.getQueryData(['preferences'])).toBeDefined();
  expect(appearance.get().theme).toBe('dark');
});

test('a choice is applied at once and stored whole', async () => {
  const bodies: unknown[] = [];
  const versions: unknown[] = [];
  server.use(
    http.put('*/v1/auth/settings', async ({ request }) => {
      const body = (await request.json()) as object;
      bodies.push(body);
      versions.push(request.headers.get('If-Match'));
      return HttpResponse.json({ ...body, version: versions.length, updated_at: at() });
    }),
  );
  setAppearance({ timezone: 'UTC' });
  renderApp('/settings?tab=appearance');
  const theme = await screen.findByRole('group', { name: 'Theme' });
  await userEvent.click(within(theme).getByLabelText('Dark'));
  expect(await screen.findByText('saved to your account')).toBeInTheDocument();
  await userEvent.selectOptions(screen.getByLabelText('Time zone'), 'Europe/Berlin');
  await expect
    .poll(() => bodies)
    .toEqual([
      { theme: 'dark', density: 'compact', language: 'en', timezone: 'UTC' },
      { theme: 'dark', density: 'compact', language: 'en', timezone: 'Europe/Berlin' },
    ]);
  expect(versions).toEqual(['"0"', '"1"']);
  expect(document.documentElement.dataset.theme).toBe('dark');
});

test('a choice that could not be stored says so', async () => {
  server.use(http.put('*/v1/auth/settings', () => refuse({ status: 409, code: 'busy', detail: 'Not now.' })));
  renderApp('/settings?tab=appearance');
  const density = await screen.findByRole('group', { name: 'Density' });
  await userEvent.click(within(density).getByLabelText('Comfortable'));
  expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
});

test('a choice that meets a change made elsewhere keeps both', async () => {
  const sent: unknown[] = [];
  let stored = makePreferences({ version: 1, updated_at: at() });
  server.use(
    http.get('*/v1/auth/settings', () => HttpResponse.json(stored)),
    http.put('*/v1/auth/settings', async ({ request }) => {
      const version = request.headers.get('If-Match');
      const body = (await request.json()) as object;
      sent.push([version, body]);
      if (version === '"1"') {
        stored = makePreferences({ version: 2, timezone: 'Asia/Tokyo', updated_at: at() });
        return refuse({ status: 412, code: 'precondition_failed' });
      }
      return HttpResponse.json({ ...body, version: 3, updated_at: at() });
    }),
  );
  renderApp('/settings?tab=appearance');
  const density = await screen.findByRole('group', { name: 'Density' });
  await expect.poll(() => appearance.get().timezone).toBe('UTC');
  await userEvent.click(within(density).getByLabelText('Comfortable'));
  await expect.poll(() => sent.length).toBe(2);
  expect(sent.at(-1)).toEqual([
    '"2"',
    { theme: 'system', density: 'comfortable', language: 'en', timezone: 'Asia/Tokyo' },
  ]);
  await expect.poll(() => appearance.get()).toMatchObject({ density: 'comfortable', timezone: 'Asia/Tokyo' });
});
