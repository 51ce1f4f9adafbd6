import { lazyRouteComponent } from '@tanstack/react-router';
import type { RouteContext } from '@/lib/route-context';
import { balanceQuery, ledgerQuery } from './api';

export const billingRoute = {
  path: '/billing',
  loader: ({ context }: { context: RouteContext }) => {
    void context.queries.prefetchQuery(balanceQuery);
    void context.queries.prefetchInfiniteQuery(ledgerQuery);
  },
  component: lazyRouteComponent(() => import('./pages/BillingPage'), 'BillingPage'),
} as const;
