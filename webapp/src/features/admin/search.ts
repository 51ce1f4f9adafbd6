import { parseRange, type RangeSearch } from '@/lib/range';
import { tabOf, text } from '@/lib/url';
import type { ProviderState, ProviderTier, RiskKind, RiskState, Severity } from '@/types/domain';

export const TIERS = ['community', 'verified', 'secure'] as const satisfies readonly ProviderTier[];
export const PROVIDER_STATES = ['active', 'banned'] as const satisfies readonly ProviderState[];
export const SEVERITIES = ['critical', 'warning', 'info'] as const satisfies readonly Severity[];
export const RISK_STATES = ['open', 'acknowledged', 'resolved'] as const satisfies readonly RiskState[];
export const RISK_KINDS = [
  'device_claimed_twice',
  'device_gone',
  'capacity_short',
  'starts_failing',
  'key_copied',
  'mass_silence',
  'host_silent',
  'self_test_failed',
  'clock_skew',
  'price_outlier',
  'enrollment_guessing',
  'proof_refused',
  'protocol_unsupported',
  'meter_left_open',
] as const satisfies readonly RiskKind[];

/** One of the words, or nothing for anything else. */
function choice<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value);
}

export interface ProvidersSearch {
  q?: string | undefined;
  tier?: ProviderTier | undefined;
  state?: ProviderState | undefined;
  sort?: string | undefined;
}

export const parseProvidersSearch = (search: Record<string, unknown>): ProvidersSearch => ({
  q: text(search.q),
  tier: choice(search.tier, TIERS),
  state: choice(search.state, PROVIDER_STATES),
  sort: text(search.sort),
});

export interface RisksSearch {
  state?: RiskState | undefined;
  severity?: Severity | undefined;
  kind?: RiskKind | undefined;
  sort?: string | undefined;
}

export const parseRisksSearch = (search: Record<string, unknown>): RisksSearch => ({
  state: choice(search.state, RISK_STATES),
  severity: choice(search.severity, SEVERITIES),
  kind: choice(search.kind, RISK_KINDS),
  sort: text(search.sort),
});

export interface AuditSearch {
  resource?: string | undefined;
  operator?: string | undefined;
}

export const parseAuditSearch = (search: Record<string, unknown>): AuditSearch => ({
  resource: text(search.resource),
  operator: text(search.operator),
});

export const PROVIDER_TABS = { overview: 'Overview', metrics: 'Metrics', audit: 'Audit log' } as const;
export type ProviderTab = keyof typeof PROVIDER_TABS;

export interface ProviderSearch extends RangeSearch {
  tab?: ProviderTab | undefined;
}

export const parseProviderSearch = (search: Record<string, unknown>): ProviderSearch => ({
  tab: tabOf(search.tab, PROVIDER_TABS),
  ...parseRange(search),
});

export interface InstallSearch {
  provider?: string | undefined;
}

export const parseInstallSearch = (search: Record<string, unknown>): InstallSearch => ({
  provider: text(search.provider),
});
