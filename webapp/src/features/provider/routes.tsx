import { lazyPage } from '@/lib/lazy-part';
import type { RouteContext } from '@/lib/route-context';
import { parseAddSearch, parseMachineSearch, parseProviderSearch } from './search';

// The queries come with the pages: first load knows only where these are.
const laterByThePage = () => undefined;

export const providerRoute = {
  path: '/provider',
  validateSearch: parseProviderSearch,
  loader: ({ context }: { context: RouteContext }) => {
    void import('./api')
      .then(({ machinesQuery }) => context.queries.prefetchInfiniteQuery(machinesQuery))
      .catch(laterByThePage);
  },
  component: lazyPage(() => import('./pages/ProviderPage'), 'ProviderPage'),
} as const;

export const addMachineRoute = {
  path: '/provider/add',
  validateSearch: parseAddSearch,
  component: lazyPage(() => import('./pages/AddMachinePage'), 'AddMachinePage'),
} as const;

export const machineRoute = {
  path: '/provider/machines/$hostId',
  validateSearch: parseMachineSearch,
  loader: ({ context, params }: { context: RouteContext; params: { hostId: string } }) => {
    void import('./api')
      .then(({ machineQuery }) => context.queries.prefetchQuery(machineQuery(params.hostId)))
      .catch(laterByThePage);
  },
  component: lazyPage(() => import('./pages/MachinePage'), 'MachinePage'),
} as const;
