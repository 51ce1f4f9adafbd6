import type { Step } from '@/design/Steps';
import { accruedMicros, sumMicros, toBigInt } from '@/lib/money';
import { formatElapsed } from '@/lib/time';
import type { Accrual, Vm, VmPhase, VmStatus } from '@/types/domain';
import type { VmView } from './search';
import { isBurning, isEnded, isUnreachable } from './status';

/** What it has cost by now. Between answers it is computed from the rate, and then it is an estimate. */
export function spentMicros(vm: Vm, nowMs: number): bigint {
  const known = toBigInt(vm.spent_micros);
  return isBurning(vm) ? known + accruedMicros(vm.rate_nanos_per_hour, sinceProofMs(vm, nowMs)) : known;
}

/** The time that the next heartbeat is to prove. */
const sinceProofMs = (vm: Vm, nowMs: number): number =>
  Math.max(0, nowMs - Date.parse(vm.proven_until ?? vm.as_of));

/** How long it has been billed by now, in seconds. */
export function billedS(vm: Vm, nowMs: number): number {
  return vm.billed_s + (isBurning(vm) ? sinceProofMs(vm, nowMs) / 1_000 : 0);
}

/** How long it has been up, in seconds, as far as its host proves it; null when it is not. */
export function uptimeS(vm: Vm, nowMs: number): number | null {
  if (!vm.started_at || !['running', 'rebooting', 'stopping'].includes(vm.status)) return null;
  const untilMs = isUnreachable(vm) && vm.host_heard_at ? Date.parse(vm.host_heard_at) : nowMs;
  return Math.max(0, (untilMs - Date.parse(vm.started_at)) / 1_000);
}

export const sizeText = (vm: Pick<Vm, 'vcpus' | 'memory_mib' | 'disk_gib'>, memory: string): string =>
  `${vm.vcpus} vCPU · ${memory} · ${vm.disk_gib} GiB disk`;

const PHASE_LABELS: Record<string, string> = {
  queued: 'Queued',
  placing: 'Placing',
  preparing: 'Preparing',
  booting: 'Booting',
  ready: 'Ready',
};

function phaseElapsedMs(phase: VmPhase, nowMs: number): number | null {
  if (phase.elapsed_ms != null) return phase.elapsed_ms;
  if (phase.state === 'active' && phase.started_at) return Math.max(0, nowMs - Date.parse(phase.started_at));
  return null;
}

/** What begins when it is ready; a reboot and a start later than the first begin no bill. */
const READY: Partial<Record<VmStatus, string>> = {
  pending: 'billing starts here',
  provisioning: 'billing starts here',
  starting: 'the running rate starts here',
};

function readyNote(phase: VmPhase, failed: boolean, { status, generation }: Starting): string | undefined {
  if (phase.state !== 'done') return failed ? 'not reached' : READY[status];
  return generation === 1 ? 'billing started here' : undefined;
}

type Starting = Pick<Vm, 'phases' | 'status' | 'generation'>;

/** The start-up as steps; the one under way counts on by the server's clock. */
export function timeline(vm: Starting, nowMs: number): Step[] {
  const { phases } = vm;
  const failed = phases.some((phase) => phase.state === 'failed');
  return phases.map((phase) => {
    const elapsed = phaseElapsedMs(phase, nowMs);
    const isReady = phase.name === 'ready';
    const time = elapsed === null || (isReady && phase.state === 'done') ? undefined : formatElapsed(elapsed);
    const detail = isReady ? readyNote(phase, failed, vm) : time;
    return {
      name: PHASE_LABELS[phase.name] ?? phase.name,
      state: phase.state,
      ...(detail === undefined ? {} : { detail }),
    };
  });
}

/** Sum of the finished phases: how long the start-up took. */
export function startupMs(phases: readonly VmPhase[]): number | null {
  const ready = phases.find((phase) => phase.name === 'ready');
  if (ready?.state !== 'done') return null;
  return phases
    .filter((phase) => phase.name !== 'ready')
    .reduce((total, phase) => total + (phase.elapsed_ms ?? 0), 0);
}

export interface CostSplit {
  postedMicros: bigint;
  /** Spent but not yet a line of the ledger. */
  liveMicros: bigint;
  totalMicros: bigint;
}

/** Posted lines and the part that is still running up. `accruals` must be all of them. */
export function splitCost(vm: Vm, accruals: readonly Accrual[], nowMs: number): CostSplit {
  const postedMicros = sumMicros(accruals.map((accrual) => accrual.amount_micros));
  const spent = spentMicros(vm, nowMs);
  const totalMicros = spent > postedMicros ? spent : postedMicros;
  return { postedMicros, liveMicros: totalMicros - postedMicros, totalMicros };
}

/** What the list shows for a view and a search text. */
export function selectVms(vms: readonly Vm[], view: VmView, query: string): Vm[] {
  const needle = query.trim().toLowerCase();
  return vms.filter(
    (vm) =>
      (view === 'all' || isEnded(vm) === (view === 'ended')) &&
      (!needle ||
        [vm.name, vm.id, vm.host_name, vm.region, vm.template_name].some((text) =>
          text?.toLowerCase().includes(needle),
        )),
  );
}
