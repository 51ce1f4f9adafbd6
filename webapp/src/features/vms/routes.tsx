import { lazyPage } from '@/lib/lazy-part';
import type { RouteContext } from '@/lib/route-context';
import { vmQuery, vmsQuery } from './api';
import { parseVmSearch, parseVmsSearch } from './search';

export const vmsRoute = {
  path: '/vms',
  validateSearch: parseVmsSearch,
  loader: ({ context }: { context: RouteContext }) => {
    void context.queries.prefetchInfiniteQuery(vmsQuery);
  },
  component: lazyPage(() => import('./pages/VmListPage'), 'VmListPage'),
} as const;

export const vmRoute = {
  path: '/vms/$vmId',
  validateSearch: parseVmSearch,
  loader: ({ context, params }: { context: RouteContext; params: { vmId: string } }) => {
    void context.queries.prefetchQuery(vmQuery(params.vmId));
  },
  component: lazyPage(() => import('./pages/VmPage'), 'VmPage'),
} as const;
