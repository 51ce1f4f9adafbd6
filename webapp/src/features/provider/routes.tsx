import { lazyRouteComponent } from '@tanstack/react-router';
import type { RouteContext } from '@/lib/route-context';
import { machinesQuery } from './api';

export const providerRoute = {
  path: '/provider',
  loader: ({ context }: { context: RouteContext }) => {
    void context.queries.prefetchQuery(machinesQuery);
  },
  component: lazyRouteComponent(() => import('./pages/ProviderPage'), 'ProviderPage'),
} as const;
