import { lazyPage } from '@/lib/lazy-part';
import {
  parseAuditSearch,
  parseInstallSearch,
  parseProviderSearch,
  parseProvidersSearch,
  parseRisksSearch,
} from './search';

export const overviewRoute = {
  path: '/admin/overview',
  component: lazyPage(() => import('./pages/OverviewPage'), 'OverviewPage'),
} as const;

export const providersRoute = {
  path: '/admin/providers',
  validateSearch: parseProvidersSearch,
  component: lazyPage(() => import('./pages/ProvidersPage'), 'ProvidersPage'),
} as const;

export const providerRoute = {
  path: '/admin/providers/$providerId',
  validateSearch: parseProviderSearch,
  component: lazyPage(() => import('./pages/ProviderDetailPage'), 'ProviderDetailPage'),
} as const;

export const risksRoute = {
  path: '/admin/risks',
  validateSearch: parseRisksSearch,
  component: lazyPage(() => import('./pages/RisksPage'), 'RisksPage'),
} as const;

export const auditLogRoute = {
  path: '/admin/audit',
  validateSearch: parseAuditSearch,
  component: lazyPage(() => import('./pages/AuditLogPage'), 'AuditLogPage'),
} as const;

export const installRoute = {
  path: '/admin/install',
  validateSearch: parseInstallSearch,
  component: lazyPage(() => import('./pages/InstallPage'), 'InstallPage'),
} as const;
