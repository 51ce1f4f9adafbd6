import { readable } from '@/lib/words';
import type { AuditEvent, AuditRecord } from '@/types/domain';

const AUDIT_LABELS: Record<AuditEvent, string> = {
  'account.registered': 'Account created',
  'account.deleted': 'Account deleted',
  'sign_in.succeeded': 'Signed in',
  'sign_in.failed': 'Sign-in failed',
  'operator_sign_in.succeeded': 'Signed in as operator',
  'operator_sign_in.failed': 'Operator sign-in failed',
  'operator_sign_in.limited': 'Operator sign-in rate limited',
  'email.proven': 'Email confirmed',
  'google.linked': 'Google linked',
  'session.token_reused': 'Replaced session token reused; session ended',
  'session.revoked': 'Session ended',
  'password.changed': 'Password changed',
  'password.reset_asked': 'Password reset requested',
  'password.reset': 'Password reset',
  'ssh_key.added': 'SSH key added',
  'ssh_key.removed': 'SSH key removed',
  'api_key.created': 'API key created',
  'api_key.first_used': 'API key used for the first time',
  'api_key.revoked': 'API key revoked',
  'provider.created': 'Provider created',
  'provider.changed': 'Provider changed',
  'host.changed': 'Machine changed',
  'host.declared_lost': 'Machine declared lost',
  'enrollment_code.issued': 'Install command created',
  'risk.acknowledged': 'Risk acknowledged',
};

/** What a security event or an operator's act is called; one of a later release reads as words. */
export const auditLabel = (event: AuditEvent): string => AUDIT_LABELS[event] ?? readable(event);

/** Named in columns of their own. */
const IN_COLUMNS = new Set(['operator_id', 'resource_id', 'reason']);

/** "Key id key_01J… · State banned": what else a record says. */
export const detailText = (detail: AuditRecord['detail']): string =>
  Object.entries(detail)
    .filter(([name]) => !IN_COLUMNS.has(name))
    .map(([name, value]) => `${readable(name)} ${value}`)
    .join(' · ');
