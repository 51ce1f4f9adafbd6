import type { Step } from '@/design/Steps';
import { gpuSummary, reasonText, stateReasonText } from '@/features/hosts';
import { counted, formatGib, formatMib } from '@/lib/quantity';
import type { EnrollmentState, Host, SelfTest } from '@/types/domain';
import { comparisonText, type PriceComparison } from './market';

/** What keeps a machine from being rented: its state's cause, or what it lacks. Undefined when nothing does. */
export function whyUnavailable(
  host: Pick<Host, 'unavailable_reason' | 'accelerator_note' | 'state' | 'state_reason'>,
): string | undefined {
  if (!host.unavailable_reason) return undefined;
  if (host.unavailable_reason === 'no_virtualisation' && host.accelerator_note) return host.accelerator_note;
  return host.state === 'ready' ? reasonText(host.unavailable_reason) : stateReasonText(host.state_reason);
}

interface Use {
  used: number;
  total: number;
}

/** GPUs that are rented, of those on sale. */
export function gpuUse(host: Pick<Host, 'devices'>): Use {
  const offered = host.devices.filter(({ state }) => state !== 'not_offered');
  return { used: offered.filter(({ state }) => state === 'leased').length, total: offered.length };
}

export const vcpuUse = (host: Pick<Host, 'free' | 'sellable'>): Use => ({
  used: host.sellable.vcpus - host.free.vcpus,
  total: host.sellable.vcpus,
});

/** Machines whose name, id, region or hardware holds every word of the query. */
export function findMachines(hosts: readonly Host[], query: string): readonly Host[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return hosts;
  return hosts.filter((host) => {
    const text = [host.name, host.id, host.region, host.cpu_model, ...host.devices.map(({ model }) => model)]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export const codeSecondsLeft = (expiresAt: string, nowMs: number): number =>
  Math.max(0, (Date.parse(expiresAt) - nowMs) / 1_000);

/** "kvm" and "tcg" in words. */
export function acceleratorText(host: Pick<Host, 'accelerator' | 'accelerator_note'>): string {
  if (host.accelerator === 'kvm') return 'hardware (KVM)';
  if (host.accelerator === 'tcg') return 'emulated (TCG), slower';
  return host.accelerator_note || 'none';
}

export function gpuText(host: Pick<Host, 'devices' | 'gpu_note'>): string {
  if (host.devices.length === 0) return host.gpu_note ? `none: ${host.gpu_note}` : 'none in this machine';
  return gpuSummary(host.devices);
}

const VERDICT_TEXT = { ok: 'passed', warn: 'passed with warnings', fail: 'failed' } as const;
export const verdictText = (verdict: SelfTest['verdict']): string => VERDICT_TEXT[verdict];

type Progress = Pick<Step, 'state' | 'detail'>;
const WAITING: Progress = { state: 'waiting' };

function codeProgress(code: EnrollmentState | undefined): Progress {
  if (code?.state === 'used') return { state: 'done' };
  if (code?.state === 'expired') return { state: 'failed', detail: 'expired unused' };
  return { state: 'active' };
}

function virtualisationProgress(host: Host): Progress {
  if (host.accelerator) return { state: 'done', detail: acceleratorText(host) };
  return { state: 'failed', detail: acceleratorText(host) };
}

function selfTestProgress({ self_test: test }: Host): Progress {
  if (!test) return { state: 'active' };
  return { state: test.verdict === 'fail' ? 'failed' : 'done', detail: verdictText(test.verdict) };
}

function marketProgress(host: Host): Progress {
  if (host.state === 'ready' && !host.unavailable_reason)
    return { state: 'done', detail: 'visible to renters' };
  return { state: host.state === 'enrolled' ? 'active' : 'failed', detail: whyUnavailable(host) };
}

/** How far a machine has come, each step told by the record that proves it and by nothing else. */
export function enrollmentSteps(code: EnrollmentState | undefined, host: Host | undefined): Step[] {
  const heard = host?.last_heartbeat_at != null;
  const known = (progress: (host: Host) => Progress): Progress => (host && heard ? progress(host) : WAITING);
  return [
    { name: 'Code used', ...codeProgress(code) },
    { name: 'First heartbeat', ...(heard ? { state: 'done' } : host ? { state: 'active' } : WAITING) },
    { name: 'Virtualisation', ...known(virtualisationProgress) },
    { name: 'GPU', ...known((found) => ({ state: 'done', detail: gpuText(found) })) },
    { name: 'Self-test', ...known(selfTestProgress) },
    { name: 'On the market', ...known(marketProgress) },
  ];
}

/** Nothing more is going to move by itself. */
export const isListed = (host: Host | undefined): boolean =>
  host !== undefined && host.state === 'ready' && !host.unavailable_reason && host.self_test !== null;

const GOOD_SCORE_PERCENT = 95;
const DEAR_PERCENT = 10;

/**
 * The one thing that most likely keeps renters away: what makes it impossible first, then what is known to be worse
 * than elsewhere. Undefined when it is rented, or when nothing is known against it.
 */
export function whyNotRented(host: Host, comparison: PriceComparison | undefined): string | undefined {
  const barred = whyUnavailable(host);
  if (barred) return barred;
  if (vcpuUse(host).used > 0) return undefined;
  if (host.self_test?.verdict === 'fail') return 'Not rented: its self-test failed.';
  if (comparison && comparison.market.hosts > 1 && (comparison.percent ?? 0) >= DEAR_PERCENT)
    return `Not rented: its ${comparison.what} price is ${comparisonText(comparison)}.`;
  const score = host.reliability?.score_percent;
  if (score !== undefined && score < GOOD_SCORE_PERCENT)
    return `Not rented: its reliability is ${score.toFixed(1)}%.`;
  if (host.self_test?.verdict === 'warn') return 'Not rented: its self-test has warnings.';
  return undefined;
}

/** "2 vCPUs, 4 GiB memory": the amounts that are not nought, undefined where all are. */
export function amountsText({ vcpus, memory_mib, disk_gib, gpus }: Host['withheld']): string | undefined {
  const amounts = [
    vcpus && counted(vcpus, 'vCPU'),
    memory_mib && `${formatMib(memory_mib)} memory`,
    disk_gib && `${formatGib(disk_gib)} disk`,
    gpus && counted(gpus, 'GPU'),
  ];
  return amounts.filter(Boolean).join(', ') || undefined;
}
