import { lazyRouteComponent } from '@tanstack/react-router';

export const adminRoute = {
  path: '/admin/overview',
  component: lazyRouteComponent(() => import('./pages/AdminPage'), 'AdminPage'),
} as const;
