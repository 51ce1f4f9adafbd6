/** What a VM costs in each state, in words. */
import { formatRate } from '@/lib/money';
import { formatDay, formatMinute, secondsSince } from '@/lib/time';
import type { Vm, VmStatus } from '@/types/domain';

type Say = (vm: Vm) => string;

const stoppedPrice: Say = (vm) =>
  vm.stopped_rate_nanos_per_hour > 0 ? `${formatRate(vm.stopped_rate_nanos_per_hour)}/hr` : 'nothing';
const ended: Say = () => 'Billing has ended.';
const notBilledYet: Say = () => 'Not billed until it responds.';

const BILLING: Record<VmStatus, Say> = {
  pending: notBilledYet,
  provisioning: notBilledYet,
  running: () => 'Billed by the millisecond.',
  rebooting: (vm) => `Billed at ${formatRate(vm.running_rate_nanos_per_hour)}/hr while it reboots.`,
  stopping: (vm) => `The running rate ended with your request. While stopped it costs ${stoppedPrice(vm)}.`,
  stopped: (vm) =>
    vm.stopped_rate_nanos_per_hour > 0 ? 'Only its disk is billed.' : 'Not billed while it is stopped.',
  starting: (vm) =>
    vm.stopped_rate_nanos_per_hour > 0 ? 'Only its disk is billed until it responds.' : notBilledYet(vm),
  terminating: () => 'Billing ended with your request.',
  terminated: ended,
  failed: ended,
  lost: ended,
};

/** What is billed in its state; nothing for a state that came after this console was loaded. */
export const billingText = (vm: Vm): string => BILLING[vm.status]?.(vm) ?? '';

const unlessItRan = 'Time after that is billed only if the host proves that the VM kept running.';
const unlessDiskKept = 'Time after that is billed only if the host proves that it kept the disk.';
const nothingMore = 'Billing has ended. The host has not confirmed the termination yet.';

const UNPROVEN: Record<VmStatus, string> = {
  pending: 'Not billed until it responds.',
  provisioning: 'Not billed until it responds.',
  running: unlessItRan,
  rebooting: unlessItRan,
  stopping: 'The running rate ended with your request. The host has not confirmed the stop yet.',
  stopped: unlessDiskKept,
  starting: unlessDiskKept,
  terminating: nothingMore,
  terminated: '',
  failed: '',
  lost: '',
};

/** What its host's silence means for the bill. */
export const unprovenText = ({ status }: Pick<Vm, 'status'>): string => UNPROVEN[status] ?? unlessItRan;

const DAY_S = 86_400;

/** "since 12:03", with the day once that is needed. */
export function unreachableSince({ host_heard_at: since }: Pick<Vm, 'host_heard_at'>, nowMs: number): string {
  if (!since) return 'from the start';
  return `since ${secondsSince(since, nowMs) < DAY_S / 2 ? formatMinute(since) : formatDay(since)}`;
}
