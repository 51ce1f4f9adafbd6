/** What can be done to a VM, what each act costs and loses, and why one cannot be done now. */
import { formatRate } from '@/lib/money';
import { formatDay } from '@/lib/time';
import type { Loss } from '@/lib/weights';
import { VM_ACTIONS, type Vm, type VmAction, type VmStatus } from '@/types/domain';
import { silentSince } from './billing';
import { isSilent, statusLook } from './status';

export interface ActionCopy {
  verb: string;
  /** The act on something of this name: "Stop web-1". */
  names: (name: string) => string;
  /** While the request is on its way. */
  pending: string;
  /** What the act costs and loses, in words. */
  tells: (vm: Vm, nowMs: number) => string;
  loses: (vm: Vm) => Loss;
  danger?: boolean;
}

const stoppedCost = (vm: Vm): string =>
  vm.stopped_rate_nanos_per_hour > 0
    ? `While stopped it keeps its disk; its processors may be rented by others. It costs ${formatRate(vm.stopped_rate_nanos_per_hour)}/hr instead of ${formatRate(vm.running_rate_nanos_per_hour)}/hr.`
    : 'While stopped it keeps its disk and costs nothing.';

/** Whether anybody can have put anything on its disk. */
const hasBooted = ({ status }: Pick<Vm, 'status'>): boolean =>
  status !== 'pending' && status !== 'provisioning';

const mayLoseDisk = (vm: Vm): Loss => (hasBooted(vm) ? 'for-good' : 'interruption');

export const ACTIONS: Record<VmAction, ActionCopy> = {
  start: {
    verb: 'Start',
    names: (name) => `Start ${name}`,
    pending: 'Starting…',
    tells: () => 'The running price is billed again from when it has answered.',
    loses: () => 'nothing',
  },
  stop: {
    verb: 'Stop',
    names: (name) => `Stop ${name}`,
    pending: 'Stopping…',
    tells: (vm) => `The guest is asked to shut down; what runs in it ends. ${stoppedCost(vm)}`,
    loses: () => 'interruption',
  },
  reboot: {
    verb: 'Reboot',
    names: (name) => `Reboot ${name}`,
    pending: 'Rebooting…',
    tells: (vm) =>
      `What runs in the guest ends and it boots again. It stays billed at ${formatRate(vm.running_rate_nanos_per_hour)}/hr while it does.`,
    loses: () => 'interruption',
  },
  terminate: {
    verb: 'Terminate',
    names: (name) => `Terminate ${name}`,
    pending: 'Terminating…',
    danger: true,
    tells: (vm) =>
      hasBooted(vm)
        ? `The machine and its ${vm.disk_gib} GiB disk are destroyed for good. Billing stops at this request. There is no way back.`
        : 'It has not booted yet: nothing is on its disk and nothing was billed. What is held for it comes back.',
    loses: mayLoseDisk,
  },
  declare_lost: {
    verb: 'Declare lost',
    names: (name) => `Declare ${name} lost`,
    pending: 'Declaring it lost…',
    danger: true,
    tells: (vm, nowMs) =>
      `Its host has not been heard ${silentSince(vm, nowMs)}. ${
        hasBooted(vm)
          ? `The machine and its ${vm.disk_gib} GiB disk are given up for good, also if the host comes back. Billing ended when the host was last heard; nothing after that is charged.`
          : 'It has not booted yet: nothing is on its disk and nothing was billed.'
      } What is held for it comes back. There is no way back.`,
    loses: mayLoseDisk,
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
  whyNot?: string;
}

function whyNot(vm: Vm, action: VmAction): string {
  const at = vm.lost_declarable_at;
  if (at != null && action === 'declare_lost') {
    return `Possible from ${formatDay(at)}, when its host has been silent for a day.`;
  }
  if (isSilent(vm) && (action === 'start' || action === 'reboot')) {
    return `A ${action} needs a host that is heard.`;
  }
  return `It is ${statusLook(vm.status).label.toLowerCase()}. Wait until that is done.`;
}

/** What may be done now, and what one would look for with the reason why it may not. */
export function offeredActions(vm: Vm, nowMs: number): OfferedAction[] {
  const valid = validActions(vm, nowMs);
  const expected = EXPECTED[vm.status] ?? [];
  return VM_ACTIONS.flatMap((action): OfferedAction[] => {
    if (valid.includes(action)) return [{ action }];
    const looked = action === 'declare_lost' ? isSilent(vm) : expected.includes(action);
    return looked ? [{ action, whyNot: whyNot(vm, action) }] : [];
  });
}
