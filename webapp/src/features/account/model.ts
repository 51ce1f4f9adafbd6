import type { Scope } from '@/types/domain';

interface ScopeChoice {
  scope: Scope;
  text: string;
  /** Of use to operators only. */
  operators?: true;
}

export const SCOPES: readonly ScopeChoice[] = [
  { scope: 'catalog:read', text: 'View hosts and prices' },
  { scope: 'resources:read', text: 'View VMs, templates and events' },
  { scope: 'resources:write', text: 'Deploy, start, stop and terminate VMs' },
  { scope: 'billing:read', text: 'View balance, ledger and accruals' },
  { scope: 'billing:write', text: 'Request quotes' },
  { scope: 'provider:read', text: 'View your own machines' },
  { scope: 'provider:write', text: 'Create enrollment codes' },
  { scope: 'auth:read', text: 'View your account' },
  { scope: 'admin:read', text: 'View admin data', operators: true },
  { scope: 'admin:write', text: 'Perform admin actions', operators: true },
];

const MICROS_DIGITS = 6;

/** "12.5" dollars as micro-dollars, without floating point; null when it is no amount. */
export function parseDollars(text: string): number | null {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!match) return null;
  return Number((match[1] ?? '') + (match[2] ?? '').padEnd(MICROS_DIGITS, '0'));
}

export const LIFETIMES = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: '1 year' },
  { days: 0, label: 'Never' },
] as const;

/** When a key made now and good for so many days ends; null: never. */
export const expiryOf = (days: number, nowMs: number): string | null =>
  days > 0 ? new Date(nowMs + days * 86_400_000).toISOString() : null;
