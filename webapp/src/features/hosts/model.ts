import type { Tone } from '@/design/StatusChip';
import { type Freshness, freshnessOf } from '@/lib/polling';
import { readable } from '@/lib/words';
import type { HostState, Offer, StateReason, UnavailableReason } from '@/types/domain';

const HEARTBEAT_MS = 10_000;

interface HostLook {
  label: string;
  tone: Tone;
}

const HOST_STATES: Record<HostState, HostLook> = {
  enrolled: { label: 'Checking', tone: 'wait' },
  ready: { label: 'Ready', tone: 'ok' },
  suspect: { label: 'Suspect', tone: 'warn' },
  offline: { label: 'Offline', tone: 'bad' },
  maintenance: { label: 'Maintenance', tone: 'wait' },
  draining: { label: 'Draining', tone: 'wait' },
  retired: { label: 'Retired', tone: 'idle' },
  banned: { label: 'Banned', tone: 'bad' },
};

/** A state by itself: a host that is ready may still have nothing to rent, see `hostLook`. */
export const stateLook = (state: Offer['state']): HostLook =>
  HOST_STATES[state] ?? { label: readable(state), tone: 'idle' };

/** Whether a host sells, as the server says it; why not is its state, where the host is not ready. */
export function hostLook({ state, sale }: Pick<Offer, 'state' | 'sale'>): HostLook {
  if (sale.state === 'available') return { label: 'Available', tone: 'ok' };
  if (sale.state === 'full') return { label: 'Full', tone: 'idle' };
  return state === 'ready' ? { label: 'Unavailable', tone: 'warn' } : stateLook(state);
}

const REASONS: Record<UnavailableReason, string> = {
  host_enrolled: 'It is being checked.',
  host_suspect: 'Its heartbeats are late.',
  host_offline: 'It is offline.',
  host_maintenance: 'It is in maintenance.',
  host_draining: 'It accepts no new workloads.',
  host_retired: 'It was retired.',
  host_banned: 'It was banned.',
  no_virtualisation: 'It cannot run VMs.',
  no_images: 'It has no image to boot.',
  sold_out: 'It is fully rented.',
};

/** Why a host takes no VM, in words. */
export const reasonText = (reason: UnavailableReason): string => REASONS[reason] ?? readable(reason);

const STATE_REASONS: Record<StateReason, string> = {
  enrolled: 'It was just enrolled.',
  heartbeat: 'Its heartbeats arrive on time.',
  silence: 'No heartbeat received.',
  mass_silence: 'Many hosts stopped responding at once.',
  provider: 'Set by its owner.',
  operator: 'Set by an operator.',
  agent: 'Requested by the machine.',
  maintenance_began: 'Maintenance began.',
  maintenance_ended: 'Maintenance ended.',
  provider_banned: 'Its provider is banned.',
  provider_drained: 'Its provider is drained.',
  host_banned: 'Banned by an operator.',
  declared_lost: 'Declared lost by an operator.',
  starts_failing: 'Several starts failed in a row.',
  self_test: 'Self-test passed.',
};

/** Why a host is in its state, in words. */
export const stateReasonText = (reason: StateReason): string => STATE_REASONS[reason] ?? readable(reason);

/** How fresh its last heartbeat is; one that never came is expired. */
export function freshness(lastHeartbeatAt: string | null | undefined, nowMs: number): Freshness {
  if (!lastHeartbeatAt) return 'expired';
  return freshnessOf(nowMs - Date.parse(lastHeartbeatAt), HEARTBEAT_MS);
}

/** "8× RTX 4090, 1× L4"; empty without GPUs. */
export function gpuSummary(gpus: readonly { model: string }[]): string {
  const counts = new Map<string, number>();
  for (const { model } of gpus) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].map(([model, count]) => `${count}× ${model}`).join(', ');
}
