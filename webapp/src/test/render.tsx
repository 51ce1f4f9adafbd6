import { QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { onTestFinished } from 'vitest';
import { createQueries } from '@/app/queries';
import { createAppRouter } from '@/app/router';
import { followSession } from '@/app/session-bridge';
import { session } from '@/lib/session';
import type { Balance, User, Vm } from '@/types/domain';
import { makeBalance, makeGrant, makePreferences } from './factories';
import { server } from './server';

/** What the shell asks for on every page. */
export function answerShell({
  balance = makeBalance(),
  vms = [],
  user,
}: {
  balance?: Balance;
  vms?: Vm[];
  user?: User;
} = {}): void {
  server.use(
    http.post('*/v1/auth/refresh', () => HttpResponse.json(makeGrant(user ? { user } : {}))),
    http.get('*/v1/auth/settings', () => HttpResponse.json(makePreferences())),
    http.get('*/v1/auth/providers', () =>
      HttpResponse.json({ password: true, google: false, emails: 'email' }),
    ),
    http.get('*/v1/billing/balance', () => HttpResponse.json(balance)),
    http.get('*/v1/resources/events', () => HttpResponse.json({ items: [], cursor: 'c0' })),
    http.get('*/v1/provider/hosts', () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get('*/v1/resources/vms', () => HttpResponse.json({ items: vms, next_cursor: null })),
  );
}

/** The whole application at an address, with nobody known to be signed in yet. */
export function renderApp(path: string) {
  session.set({ status: 'unknown' });
  const queries = createQueries();
  const router = createAppRouter(queries, createMemoryHistory({ initialEntries: [path] }));
  const unfollow = followSession(router, queries);
  onTestFinished(() => {
    unfollow();
    queries.clear();
  });
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { router, queries };
}
