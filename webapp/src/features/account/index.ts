import { lazy } from 'react';

/** Lazy: each is a tab that most visits do not open. */
export const ProfilePanel = lazy(() => import('./panels/ProfilePanel'));
export const SecurityPanel = lazy(() => import('./panels/SecurityPanel'));
export const ApiKeysPanel = lazy(() => import('./panels/ApiKeysPanel'));
export const AuditPanel = lazy(() => import('./panels/AuditPanel'));
