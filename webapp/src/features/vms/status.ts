import type { Tone } from '@/design/StatusChip';
import type { Vm, VmStatus } from '@/types/domain';

interface StatusLook {
  label: string;
  tone: Tone;
  /** The machine is on its way to another state. */
  moving?: boolean;
}

const STATUS: Record<VmStatus, StatusLook> = {
  pending: { label: 'Queued', tone: 'wait', moving: true },
  provisioning: { label: 'Provisioning', tone: 'wait', moving: true },
  running: { label: 'Running', tone: 'ok' },
  stopping: { label: 'Stopping', tone: 'wait', moving: true },
  stopped: { label: 'Stopped', tone: 'idle' },
  starting: { label: 'Starting', tone: 'wait', moving: true },
  rebooting: { label: 'Rebooting', tone: 'wait', moving: true },
  terminating: { label: 'Terminating', tone: 'wait', moving: true },
  terminated: { label: 'Terminated', tone: 'idle' },
  failed: { label: 'Failed', tone: 'bad' },
  lost: { label: 'Lost', tone: 'bad' },
};

export const statusLook = (status: VmStatus): StatusLook => STATUS[status] ?? { label: status, tone: 'idle' };

const ENDED = new Set<VmStatus>(['terminated', 'failed', 'lost']);

export const isChanging = (vm: Pick<Vm, 'status'>): boolean => statusLook(vm.status).moving === true;
export const isEnded = (vm: Pick<Vm, 'status'>): boolean => ENDED.has(vm.status);

/** Its host is not heard: what is shown of it is what was last known, and nothing of now is proved. */
export const isUnreachable = (vm: Pick<Vm, 'lost_declarable_at'>): boolean => vm.lost_declarable_at != null;

/** Whether money runs at this moment. */
export const isBurning = (vm: Pick<Vm, 'billable' | 'lost_declarable_at'>): boolean =>
  vm.billable && !isUnreachable(vm);
