import type { Tone } from '@/design/StatusChip';
import { formatCount } from '@/lib/quantity';
import type {
  HostState,
  MetricType,
  PlatformStats,
  ProviderState,
  ProviderTier,
  Risk,
  RiskKind,
  RiskState,
  Severity,
} from '@/types/domain';

interface Look {
  label: string;
  tone: Tone;
}

export const TIER_LABELS: Record<ProviderTier, string> = {
  community: 'Community',
  verified: 'Verified',
  secure: 'Secure',
};

export const PROVIDER_LOOKS: Record<ProviderState, Look> = {
  active: { label: 'Active', tone: 'ok' },
  banned: { label: 'Banned', tone: 'bad' },
};

/** Draining is not a state of its own, but it is what the reader has to know first. */
export const providerLook = (provider: { state: ProviderState; draining: boolean }): Look =>
  provider.state === 'active' && provider.draining
    ? { label: 'Draining', tone: 'wait' }
    : PROVIDER_LOOKS[provider.state];

export const SEVERITY_LOOKS: Record<Severity, Look> = {
  critical: { label: 'Critical', tone: 'bad' },
  warning: { label: 'Warning', tone: 'warn' },
  info: { label: 'Info', tone: 'wait' },
};

/** The worst last, so that descending order begins with it. */
export const SEVERITY_RANK: Record<Severity, number> = { info: 0, warning: 1, critical: 2 };

export const RISK_STATE_LABELS: Record<RiskState, string> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
};

export const RISK_LABELS: Record<RiskKind, string> = {
  device_claimed_twice: 'Device reported twice',
  device_gone: 'Device missing',
  capacity_short: 'Capacity below offer',
  starts_failing: 'Starts failing',
  key_copied: 'Machine key copied',
  mass_silence: 'Many machines offline',
  host_silent: 'No heartbeat',
  self_test_failed: 'Self-test failed',
  clock_skew: 'Clock skew',
  price_outlier: 'Price outlier',
  enrollment_guessing: 'Enrollment codes being guessed',
  proof_refused: 'Proof rejected',
  meter_left_open: 'Billed after termination',
  protocol_unsupported: 'Agent version not supported',
};

/** Where to look into a risk: the provider whose thing it is. */
export const providerOf = (risk: Pick<Risk, 'resource_type' | 'resource_id' | 'owner_id'>) =>
  risk.resource_type === 'provider' ? risk.resource_id : (risk.owner_id ?? undefined);

/** Worst first; of the same severity the one seen last. */
export function byUrgency(risks: readonly Risk[]): Risk[] {
  return [...risks].sort(
    (a, b) =>
      SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] ||
      Date.parse(b.last_seen_at) - Date.parse(a.last_seen_at),
  );
}

/** In the order in which they matter to whoever keeps the fleet alive. */
const HOST_STATES: readonly HostState[] = [
  'offline',
  'suspect',
  'banned',
  'draining',
  'maintenance',
  'enrolled',
  'ready',
  'retired',
];

export function hostsByState(hosts: PlatformStats['hosts']): { state: HostState; count: number }[] {
  return HOST_STATES.map((state) => ({ state, count: hosts.by_state[state] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
}

export interface Pressure {
  what: string;
  free: number;
  total: number;
  unit: string;
}

const MIB_PER_GIB = 1_024;

/** What can still be rented of what the fleet offers. Kinds that nobody offers are left out. */
export function pressures(capacity: PlatformStats['capacity']): Pressure[] {
  return [
    { what: 'GPUs', free: capacity.gpus_free, total: capacity.gpus_total, unit: '' },
    { what: 'vCPUs', free: capacity.vcpus_free, total: capacity.vcpus_total, unit: '' },
    {
      what: 'Memory',
      free: capacity.memory_mib_free / MIB_PER_GIB,
      total: capacity.memory_mib_total / MIB_PER_GIB,
      unit: 'GiB',
    },
    { what: 'Disk', free: capacity.disk_gib_free, total: capacity.disk_gib_total, unit: 'GiB' },
  ].filter(({ total }) => total > 0);
}

export const pressureText = ({ free, total, unit }: Pressure): string =>
  `${formatCount(free)} of ${formatCount(total)}${unit && ` ${unit}`} free`;

export interface MetricPlan {
  metric: MetricType;
  title: string;
  unit: string;
  divisor: number;
  top?: number;
}

const MIB = 1_024 * 1_024;
const BYTES_PER_MEGABIT = 125_000;

/** Percentages, loads and temperatures come as means over the provider's machines, everything else as sums. */
export const METRIC_PLANS: readonly MetricPlan[] = [
  { metric: 'cpu_used_percent', title: 'CPU used, mean', unit: '%', divisor: 1, top: 100 },
  { metric: 'load_1m', title: 'Load over a minute, mean', unit: 'tasks', divisor: 1 },
  { metric: 'memory_used_mib', title: 'Memory used, sum', unit: 'GiB', divisor: MIB_PER_GIB },
  { metric: 'disk_used_gib', title: 'Disk used, sum', unit: 'GiB', divisor: 1 },
  { metric: 'disk_write_bytes_per_s', title: 'Disk writes, sum', unit: 'MiB/s', divisor: MIB },
  { metric: 'network_tx_bytes_per_s', title: 'Network sent, sum', unit: 'Mbps', divisor: BYTES_PER_MEGABIT },
];

export const GPU_PLANS: readonly MetricPlan[] = [
  { metric: 'gpu_used_percent', title: 'GPU used, mean', unit: '%', divisor: 1, top: 100 },
  { metric: 'gpu_power_w', title: 'GPU power, sum', unit: 'W', divisor: 1 },
];
