import { lazyPart } from '@/lib/lazy-part';

/** Lazy: each is a tab that most visits do not open. */
export const ProfilePanel = lazyPart(() => import('./panels/ProfilePanel'));
export const SecurityPanel = lazyPart(() => import('./panels/SecurityPanel'));
export const ApiKeysPanel = lazyPart(() => import('./panels/ApiKeysPanel'));
export const AuditPanel = lazyPart(() => import('./panels/AuditPanel'));
