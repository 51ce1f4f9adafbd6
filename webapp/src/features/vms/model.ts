import type { Step } from '@/design/Steps';
import { accruedMicros, formatRate, sumMicros, toBigInt } from '@/lib/money';
import { formatElapsed } from '@/lib/time';
import type { Loss } from '@/lib/weights';
import { type Accrual, VM_ACTIONS, type Vm, type VmAction, type VmPhase } from '@/types/domain';
import { isEnded } from './status';

/** What may be done now, in the order of the buttons; unknown words of a newer server are left out. */
export function validActions(vm: Pick<Vm, 'actions'>): VmAction[] {
  return VM_ACTIONS.filter((action) => vm.actions.includes(action));
}

/** What it has cost by now. Between answers it is computed from the rate, and then it is an estimate. */
export function spentMicros(vm: Vm, nowMs: number): bigint {
  const known = toBigInt(vm.spent_micros);
  return vm.billable ? known + accruedMicros(vm.rate_nanos_per_hour, nowMs - Date.parse(vm.as_of)) : known;
}

/** How long it has been billed by now, in seconds. */
export function billedS(vm: Vm, nowMs: number): number {
  return vm.billed_s + (vm.billable ? Math.max(0, (nowMs - Date.parse(vm.as_of)) / 1_000) : 0);
}

/** How long it has been up, in seconds; null when it is not. */
export function uptimeS(vm: Vm, nowMs: number): number | null {
  if (!vm.started_at || !['running', 'rebooting', 'stopping'].includes(vm.status)) return null;
  return Math.max(0, (nowMs - Date.parse(vm.started_at)) / 1_000);
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

function readyNote(phase: VmPhase, failed: boolean): string {
  if (phase.state === 'done') return 'billing started here';
  return failed ? 'not reached' : 'billing starts here';
}

/** The start-up as steps; the one under way counts on by the server's clock. */
export function timeline(phases: readonly VmPhase[], nowMs: number): Step[] {
  const failed = phases.some((phase) => phase.state === 'failed');
  return phases.map((phase) => {
    const elapsed = phaseElapsedMs(phase, nowMs);
    const isReady = phase.name === 'ready';
    const time = elapsed === null || (isReady && phase.state === 'done') ? undefined : formatElapsed(elapsed);
    const detail = isReady ? readyNote(phase, failed) : time;
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

export interface ActionCopy {
  verb: string;
  /** While the request is on its way. */
  pending: string;
  /** What the act costs and loses, in words. */
  tells: (vm: Vm) => string;
  loses: (vm: Vm) => Loss;
  danger?: boolean;
}

const stoppedCost = (vm: Vm): string =>
  vm.stopped_rate_nanos_per_hour > 0
    ? `While stopped it keeps its disk and its place and costs ${formatRate(vm.stopped_rate_nanos_per_hour)}/hr instead of ${formatRate(vm.running_rate_nanos_per_hour)}/hr.`
    : 'While stopped it keeps its disk and costs nothing.';

/** Whether anybody can have put anything on its disk. */
const hasBooted = ({ status }: Pick<Vm, 'status'>): boolean =>
  status !== 'pending' && status !== 'provisioning';

export const ACTIONS: Record<VmAction, ActionCopy> = {
  start: {
    verb: 'Start',
    pending: 'Starting…',
    tells: () => 'It is billed again from when it is ready.',
    loses: () => 'nothing',
  },
  stop: {
    verb: 'Stop',
    pending: 'Stopping…',
    tells: (vm) => `The guest is asked to shut down; what runs in it ends. ${stoppedCost(vm)}`,
    loses: () => 'interruption',
  },
  reboot: {
    verb: 'Reboot',
    pending: 'Rebooting…',
    tells: (vm) =>
      `What runs in the guest ends and it boots again. It stays billed at ${formatRate(vm.running_rate_nanos_per_hour)}/hr while it does.`,
    loses: () => 'interruption',
  },
  terminate: {
    verb: 'Terminate',
    pending: 'Terminating…',
    danger: true,
    tells: (vm) =>
      hasBooted(vm)
        ? `The machine and its ${vm.disk_gib} GiB disk are destroyed for good. Billing stops at this request. There is no way back.`
        : 'It has not booted yet: nothing is on its disk and nothing was billed. What is held for it comes back.',
    loses: (vm) => (hasBooted(vm) ? 'for-good' : 'interruption'),
  },
};

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

export const VIEWS = ['current', 'ended', 'all'] as const;
export type VmView = (typeof VIEWS)[number];

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
