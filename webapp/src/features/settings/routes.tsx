import { lazyPage } from '@/lib/lazy-part';
import type { RouteContext } from '@/lib/route-context';
import { sshKeysQuery } from './api';
import { parseSettingsSearch } from './search';

export const settingsRoute = {
  path: '/settings',
  validateSearch: parseSettingsSearch,
  loader: ({ context }: { context: RouteContext }) => {
    void context.queries.prefetchQuery(sshKeysQuery);
  },
  component: lazyPage(() => import('./pages/SettingsPage'), 'SettingsPage'),
} as const;
