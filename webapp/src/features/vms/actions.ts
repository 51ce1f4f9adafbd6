/** What can be done to a VM, what each action costs and loses, and why it is not possible now. */

import type { Loss } from '@/lib/confirmation';
import { formatRate } from '@/lib/money';
import { formatDay } from '@/lib/time';
import { VM_ACTIONS, type Vm, type VmAction, type VmStatus } from '@/types/domain';
import { unreachableSince } from './billing';
import { isUnreachable, statusLook } from './status';

export interface ActionCopy {
  verb: string;
  /** The act on something of this name: "Stop web-1". */
  label: (name: string) => string;
  /** While the request is on its way. */
  pending: string;
  /** What the action costs and loses, in words. */
  describe: (vm: Vm, nowMs: number) => string;
  loss: (vm: Vm) => Loss;
  danger?: boolean;
}

const stoppedCost = (vm: Vm): string =>
  vm.stopped_rate_nanos_per_hour > 0
    ? `While stopped it keeps its disk and costs ${formatRate(vm.stopped_rate_nanos_per_hour)}/hr instead of ${formatRate(vm.running_rate_nanos_per_hour)}/hr. Its CPUs may be rented to others.`
    : 'While stopped it keeps its disk and costs nothing.';

/** Whether anybody can have put anything on its disk. */
const hasBooted = ({ status }: Pick<Vm, 'status'>): boolean =>
  status !== 'pending' && status !== 'provisioning';

const mayLoseDisk = (vm: Vm): Loss => (hasBooted(vm) ? 'permanent' : 'interruption');

export const ACTIONS: Record<VmAction, ActionCopy> = {
  start: {
    verb: 'Start',
    label: (name) => `Start ${name}`,
    pending: 'Starting…',
    describe: () => 'The running rate is billed again once the VM responds.',
    loss: () => 'nothing',
  },
  stop: {
    verb: 'Stop',
    label: (name) => `Stop ${name}`,
    pending: 'Stopping…',
    describe: (vm) => `The guest is asked to shut down, and its processes end. ${stoppedCost(vm)}`,
    loss: () => 'interruption',
  },
  reboot: {
    verb: 'Reboot',
    label: (name) => `Reboot ${name}`,
    pending: 'Rebooting…',
    describe: (vm) =>
      `Processes in the guest end and it boots again. Billing continues at ${formatRate(vm.running_rate_nanos_per_hour)}/hr.`,
    loss: () => 'interruption',
  },
  terminate: {
    verb: 'Terminate',
    label: (name) => `Terminate ${name}`,
    pending: 'Terminating…',
    danger: true,
    describe: (vm) =>
      hasBooted(vm)
        ? `The VM and its ${vm.disk_gib} GiB disk are deleted permanently. Billing stops immediately. This cannot be undone.`
        : 'It has not booted yet: its disk is empty and nothing was billed. Its hold is released.',
    loss: mayLoseDisk,
  },
  declare_lost: {
    verb: 'Declare lost',
    label: (name) => `Declare ${name} lost`,
    pending: 'Declaring lost…',
    danger: true,
    describe: (vm, nowMs) =>
      `Its host has been unreachable ${unreachableSince(vm, nowMs)}. ${
        hasBooted(vm)
          ? `The VM and its ${vm.disk_gib} GiB disk are given up permanently, even if the host comes back. Billing ended at the last heartbeat of the host.`
          : 'It has not booted yet: its disk is empty and nothing was billed.'
      } Its hold is released. This cannot be undone.`,
    loss: mayLoseDisk,
  },
};

const whenUp = ['stop', 'reboot', 'terminate'] as const;
const whenDown = ['start', 'terminate'] as const;

/** What one looks for in a state, whether or not it can be done this minute. */
const EXPECTED: Record<VmStatus, readonly VmAction[]> = {
  pending: ['terminate'],
  provisioning: ['terminate'],
  running: whenUp,
  rebooting: whenUp,
  starting: whenUp,
  stopping: whenDown,
  stopped: whenDown,
  terminating: ['terminate'],
  terminated: [],
  failed: [],
  lost: [],
};

/** What may be done now, in the order of the buttons; unknown words of a newer server are left out. */
export function validActions(vm: Pick<Vm, 'actions' | 'lost_declarable_at'>, nowMs: number): VmAction[] {
  const verbs: readonly string[] = vm.actions;
  const at = vm.lost_declarable_at;
  return VM_ACTIONS.filter((action) =>
    action === 'declare_lost' ? at != null && Date.parse(at) <= nowMs : verbs.includes(action),
  );
}

export interface OfferedAction {
  action: VmAction;
  /** Why it cannot be done now. */
  disabledReason?: string;
}

function disabledReason(vm: Vm, action: VmAction): string {
  const at = vm.lost_declarable_at;
  if (at != null && action === 'declare_lost') {
    return `Available from ${formatDay(at)}, when its host has been unreachable for a day.`;
  }
  if (isUnreachable(vm) && (action === 'start' || action === 'reboot')) {
    return 'Its host is unreachable.';
  }
  return `It is ${statusLook(vm.status).label.toLowerCase()}. Wait for it to finish.`;
}

/** What may be done now, and what one would look for with the reason why it may not. */
export function offeredActions(vm: Vm, nowMs: number): OfferedAction[] {
  const valid = validActions(vm, nowMs);
  const expected = EXPECTED[vm.status] ?? [];
  return VM_ACTIONS.flatMap((action): OfferedAction[] => {
    if (valid.includes(action)) return [{ action }];
    const looked = action === 'declare_lost' ? isUnreachable(vm) : expected.includes(action);
    return looked ? [{ action, disabledReason: disabledReason(vm, action) }] : [];
  });
}
