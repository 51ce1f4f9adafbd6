import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setShortcuts } from '@/lib/shortcuts';
import { makeVm } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

beforeEach(() => {
  answerShell({ vms: [makeVm()] });
  server.use(
    http.get('*/v1/billing/ledger', () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get('*/v1/auth/ssh-keys', () => HttpResponse.json({ items: [], next_cursor: null })),
  );
});
afterEach(() => setShortcuts(true));

const open = async () => {
  const app = renderApp('/vms');
  await screen.findByRole('link', { name: 'web-1' });
  return app;
};

test('g and a letter go to a page', async () => {
  const { router } = await open();
  await userEvent.keyboard('gb');
  expect(await screen.findByRole('heading', { level: 1, name: 'Billing' })).toBeInTheDocument();
  expect(router.state.location.pathname).toBe('/billing');
});

test('a letter for a page of another role does nothing', async () => {
  const { router } = await open();
  await userEvent.keyboard('ga');
  expect(router.state.location.pathname).toBe('/vms');
});

test('? opens the list of keys', async () => {
  await open();
  await userEvent.keyboard('?');
  const dialog = await screen.findByRole('dialog', { name: 'Help and shortcuts' });
  expect(dialog).toHaveTextContent('g then b');
});

test('/ goes to the search of the page, in which keys are text again', async () => {
  const { router } = await open();
  await userEvent.keyboard('/');
  const search = screen.getByRole('searchbox', { name: 'Search VMs' });
  expect(search).toHaveFocus();
  await userEvent.keyboard('gb?');
  expect(search).toHaveValue('gb?');
  expect(router.state.location.pathname).toBe('/vms');
});

test('turned off, single keys do nothing and the palette still opens', async () => {
  const { router } = await open();
  setShortcuts(false);
  await userEvent.keyboard('gb?');
  expect(router.state.location.pathname).toBe('/vms');
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  await userEvent.keyboard('{Control>}k{/Control}');
  expect(await screen.findByLabelText('Command')).toBeInTheDocument();
});

test('the palette knows the tabs of settings and the theme', async () => {
  const { router } = await open();
  await userEvent.keyboard('{Control>}k{/Control}');
  await userEvent.type(await screen.findByLabelText('Command'), 'appearance');
  await userEvent.click(await screen.findByText('Go to Settings: Appearance'));
  expect(await screen.findByLabelText('Time zone')).toBeInTheDocument();
  expect(router.state.location.search).toEqual({ tab: 'appearance' });
});
