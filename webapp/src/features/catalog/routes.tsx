import { lazyPage } from '@/lib/lazy-part';
import type { RouteContext } from '@/lib/route-context';
import { offersQuery, templatesQuery } from './api';
import { parseCatalogSearch } from './search';

export const catalogRoute = {
  path: '/catalog',
  validateSearch: parseCatalogSearch,
  loader: ({ context }: { context: RouteContext }) => {
    void context.queries.prefetchQuery(offersQuery);
    void context.queries.prefetchQuery(templatesQuery);
  },
  component: lazyPage(() => import('./pages/CatalogPage'), 'CatalogPage'),
} as const;
