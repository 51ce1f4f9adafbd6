import { CopyField } from '@/design/CopyField';
import { Figure } from '@/design/Figure';
import { Tick } from '@/design/Tick';
import { formatMonthly, formatRate } from '@/lib/money';
import { formatTicking } from '@/lib/time';
import type { Vm } from '@/types/domain';
import { billingText } from '../billing';
import { billedS } from '../model';
import { isBurning, isChanging, isEnded, isUnreachable } from '../status';
import { Spent } from './Spent';

function connectHint(vm: Vm): string {
  if (isEnded(vm)) return 'This VM has ended.';
  if (vm.status === 'stopped' || vm.status === 'stopping') return 'Start the VM to connect to it.';
  return isChanging(vm) ? 'The SSH command appears here when the VM is ready.' : 'No address available.';
}

function costNote(vm: Vm): string {
  if (isUnreachable(vm)) return 'host unreachable';
  return vm.status === 'running' && vm.billable
    ? `${formatMonthly(vm.rate_nanos_per_hour)}/mo at this rate`
    : billingText(vm);
}

/** What it costs and how to get in, without a click. */
export function VmHeadline({ vm }: { vm: Vm }) {
  return (
    <div className="mb-4 grid items-center gap-x-8 gap-y-3 rounded-lg border bg-surface p-3 lg:grid-cols-[auto_minmax(0,1fr)]">
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        <Figure
          label="Now"
          value={isBurning(vm) ? `${formatRate(vm.rate_nanos_per_hour)}/hr` : 'Not billed'}
          note={costNote(vm)}
        />
        <Figure
          label="Spent"
          value={<Spent vm={vm} className="text-base" />}
          note={<Tick active={isBurning(vm)}>{(now) => `${formatTicking(billedS(vm, now))} billed`}</Tick>}
        />
        {!isEnded(vm) && (
          <Figure
            label="Running · stopped"
            value={
              <span className="font-normal">
                {formatRate(vm.running_rate_nanos_per_hour)} · {formatRate(vm.stopped_rate_nanos_per_hour)}
              </span>
            }
            note="per hour"
          />
        )}
      </dl>
      <div className="min-w-0">
        <p className="mb-1 text-2xs text-ink-3">Connect</p>
        {vm.connect ? (
          <>
            <CopyField value={vm.connect.command} label="SSH command" />
            {isUnreachable(vm) && (
              <p className="mt-1 text-xs text-warn">It may not respond: its host is unreachable.</p>
            )}
          </>
        ) : (
          <p className="text-ink-2">{connectHint(vm)}</p>
        )}
      </div>
    </div>
  );
}
