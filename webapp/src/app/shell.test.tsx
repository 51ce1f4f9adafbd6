import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { makeBalance, makeVm, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

test('the runway is on every page and leads to billing', async () => {
  answerShell();
  renderApp('/vms');
  const runway = await screen.findByRole('link', { name: /Balance/ });
  expect(runway).toHaveTextContent('Balance $9.98−$0.021/hrlasts 19d');
  expect(runway).toHaveAttribute('href', '/billing');
});

test('a runway under two hours turns red', async () => {
  answerShell({ balance: makeBalance({ runway_s: 3_000 }) });
  renderApp('/vms');
  expect(await screen.findByRole('link', { name: /Balance/ })).toHaveClass('text-bad');
});

test('signing out leads to sign-in and leaves nothing behind', async () => {
  answerShell({ vms: [makeVm()] });
  server.use(http.post('*/v1/auth/logout', () => new HttpResponse(null, { status: 204 })));
  const { router, queries } = renderApp('/vms');
  await screen.findByRole('link', { name: 'web-1' });
  await userEvent.click(screen.getByRole('button', { name: 'Account' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeInTheDocument();
  expect(router.state.location.href).toBe('/sign-in');
  // What sign-in asks for is public; all else is gone.
  const left = queries.getQueryCache().getAll();
  expect(left.map(({ queryKey }) => queryKey).filter(([key]) => key !== 'providers')).toEqual([]);
});

test('a session that the server ended leads to sign-in and back', async () => {
  answerShell();
  server.use(http.post('*/v1/auth/refresh', () => HttpResponse.json(null, { status: 500 }), { once: true }));
  answerShell();
  const { router, queries } = renderApp('/vms?view=all');
  await screen.findByRole('heading', { level: 1, name: 'VM' });
  server.use(
    http.get('*/v1/billing/balance', () => refuse({ status: 401, code: 'token_revoked' })),
    http.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'no_session' })),
  );
  await queries.invalidateQueries({ queryKey: ['billing'] });
  expect(await screen.findByText(/Your session has ended/)).toBeInTheDocument();
  expect(router.state.location.search).toEqual({ return: '/vms?view=all' });
});

test('a list that goes without damaged records says so until it is whole again', async () => {
  answerShell();
  server.use(
    http.get(
      '*/v1/resources/vms',
      () => HttpResponse.json({ items: [], next_cursor: null }, { headers: { 'X-Omitted-Records': '2' } }),
      { once: true },
    ),
  );
  const { queries } = renderApp('/vms');
  expect(await screen.findByText(/2 damaged records were left out/)).toBeInTheDocument();
  await queries.invalidateQueries({ queryKey: ['vms'] });
  await waitFor(() => expect(screen.queryByText(/damaged record/)).not.toBeInTheDocument());
});

test('a failed list says why, keeps its request id, and can be retried', async () => {
  answerShell();
  server.use(
    http.get('*/v1/resources/vms', () =>
      refuse({ status: 409, code: 'broken', detail: 'The table is away.' }),
    ),
  );
  renderApp('/vms');
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('The table is away.');
  expect(alert).toHaveTextContent('request req_1');
  answerShell({ vms: [makeVm()] });
  await userEvent.click(within(alert).getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('link', { name: 'web-1' })).toBeInTheDocument();
});

test('the palette finds verbs of VMs and opens their question', async () => {
  answerShell({ vms: [makeVm()] });
  server.use(http.get('*/v1/resources/vms/vm_1', () => HttpResponse.json(makeVm())));
  renderApp('/vms');
  await screen.findByRole('link', { name: 'web-1' });
  await userEvent.keyboard('{Control>}k{/Control}');
  await userEvent.type(await screen.findByLabelText('Command'), 'stop');
  await userEvent.click(await screen.findByText('Stop web-1'));
  expect(await screen.findByRole('dialog', { name: 'Stop web-1?' })).toBeInTheDocument();
});
