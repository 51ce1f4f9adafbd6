import { screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { session } from '@/lib/session';
import { makeGrant, makeOperatorRecord, makeRisk, makeStats, makeUser, refuse } from '@/test/factories';
import { answerShell, renderApp } from '@/test/render';
import { server } from '@/test/server';

const admin = makeUser({ role: 'admin' });

function answerAdmin() {
  server.use(
    http.get('*/v1/admin/stats', () => HttpResponse.json(makeStats())),
    http.get('*/v1/admin/risks', () => HttpResponse.json({ items: [makeRisk()], next_cursor: null })),
    http.get('*/v1/admin/audit', () =>
      HttpResponse.json({ items: [makeOperatorRecord()], next_cursor: null }),
    ),
  );
}

/** From now on the account's role is this, and what it needs more for is refused. */
function demote(role: 'user') {
  const user = makeUser({ role });
  server.use(
    http.post('*/v1/auth/refresh', () => HttpResponse.json(makeGrant({ access_token: 'fresh', user }))),
    http.get('*/v1/auth/me', () => HttpResponse.json(user)),
    http.get('*/v1/billing/balance', () =>
      refuse({
        status: 403,
        code: 'forbidden',
        detail: 'This requires one of these roles: admin, super-admin.',
      }),
    ),
  );
}

test('a refusal makes the console ask again who it is, and drop what the role no longer allows', async () => {
  answerShell({ user: admin });
  answerAdmin();
  const { queries } = renderApp('/admin/overview');
  expect(await screen.findByText('No heartbeat')).toBeInTheDocument();
  expect(screen.getAllByRole('link', { name: 'Admin' })).not.toHaveLength(0);

  demote('user');
  await queries.invalidateQueries({ queryKey: ['billing', 'balance'] });
  expect(await screen.findByText('You do not have access to this page.')).toBeInTheDocument();
  expect(screen.getByText(/admin, ops-admin, super-admin/)).toBeInTheDocument();
  expect(screen.getByText('You are signed in with the role user.')).toBeInTheDocument();
  expect(screen.queryByText('No heartbeat')).not.toBeInTheDocument();
  expect(screen.queryByRole('link', { name: 'Admin' })).not.toBeInTheDocument();
  expect(session.get()).toMatchObject({ status: 'signed-in', user: { role: 'user' } });
});

test('a refused refresh after a refusal ends the whole session', async () => {
  answerShell({ user: admin });
  answerAdmin();
  const { queries } = renderApp('/admin/overview');
  await screen.findByText('No heartbeat');
  demote('user');
  server.use(http.post('*/v1/auth/refresh', () => refuse({ status: 401, code: 'no_session' })));
  await queries.invalidateQueries({ queryKey: ['billing', 'balance'] });
  expect(await screen.findByText(/Your session has ended/)).toBeInTheDocument();
  expect(session.get()).toEqual({ status: 'signed-out', reason: 'ended' });
});

test('a refusal where the role has not changed is asked about once, and says which role it takes', async () => {
  answerShell();
  let asked = 0;
  const detail = 'This requires one of these roles: provider.';
  server.use(
    http.get('*/v1/auth/me', () => {
      asked += 1;
      return HttpResponse.json(makeUser());
    }),
    http.get('*/v1/provider/hosts', () => refuse({ status: 403, code: 'forbidden', detail })),
  );
  renderApp('/provider');
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent(detail);
  expect(alert).toHaveTextContent('You are signed in with the role user.');
  await waitFor(() => expect(asked).toBe(1));
});

test('a user who comes to the operators’ page reads which role it takes; nothing is asked of the server', async () => {
  answerShell();
  renderApp('/admin/risks');
  expect(await screen.findByText('You do not have access to this page.')).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Sign in as operator' })).toHaveAttribute('href', '/admin');
});
