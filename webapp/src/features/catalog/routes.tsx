import { lazyRouteComponent } from '@tanstack/react-router';
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
  component: lazyRouteComponent(() => import('./pages/CatalogPage'), 'CatalogPage'),
} as const;
