import { lazyPage } from '@/lib/lazy-part';
import type { RouteContext } from '@/lib/route-context';
import { balanceQuery, ledgerQuery } from './api';

export const billingRoute = {
  path: '/billing',
  loader: ({ context }: { context: RouteContext }) => {
    void context.queries.prefetchQuery(balanceQuery);
    void context.queries.prefetchInfiniteQuery(ledgerQuery);
  },
  component: lazyPage(() => import('./pages/BillingPage'), 'BillingPage'),
} as const;
