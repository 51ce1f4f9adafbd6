import { lazyPage } from '@/lib/lazy-part';
import {
  parseAuditSearch,
  parseInstallSearch,
  parseProviderSearch,
  parseProvidersSearch,
  parseRisksSearch,
} from './search';

export const adminRoute = {
  path: '/admin/overview',
  component: lazyPage(() => import('./pages/OverviewPage'), 'OverviewPage'),
} as const;

export const adminProvidersRoute = {
  path: '/admin/providers',
  validateSearch: parseProvidersSearch,
  component: lazyPage(() => import('./pages/ProvidersPage'), 'ProvidersPage'),
} as const;

export const adminProviderRoute = {
  path: '/admin/providers/$providerId',
  validateSearch: parseProviderSearch,
  component: lazyPage(() => import('./pages/ProviderDetailPage'), 'ProviderDetailPage'),
} as const;

export const adminRisksRoute = {
  path: '/admin/risks',
  validateSearch: parseRisksSearch,
  component: lazyPage(() => import('./pages/RisksPage'), 'RisksPage'),
} as const;

export const adminAuditRoute = {
  path: '/admin/audit',
  validateSearch: parseAuditSearch,
  component: lazyPage(() => import('./pages/ActsPage'), 'ActsPage'),
} as const;

export const adminInstallRoute = {
  path: '/admin/install',
  validateSearch: parseInstallSearch,
  component: lazyPage(() => import('./pages/InstallPage'), 'InstallPage'),
} as const;

/** The operators' pages, as they name them. */
export const ADMIN_PAGES = [
  { to: '/admin/overview', label: 'Overview' },
  { to: '/admin/risks', label: 'Risks' },
  { to: '/admin/providers', label: 'Providers' },
  { to: '/admin/install', label: 'Add machine' },
  { to: '/admin/audit', label: 'Operators’ acts' },
] as const;
