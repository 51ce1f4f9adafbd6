import { cn } from '@/design/cn';
import { Tick } from '@/design/Tick';
import { formatMicrosExact } from '@/lib/money';
import type { Vm } from '@/types/domain';
import { spentMicros } from '../model';

/** Ticks by the second from the rate; "≈" because it is computed here until the next answer. */
export function Spent({ vm, className = 'text-xs' }: { vm: Vm; className?: string }) {
  return (
    <Tick active={vm.billable}>
      {(now) => (
        <span className={cn('font-mono whitespace-nowrap', className)}>
          {vm.billable && '≈'}
          {formatMicrosExact(spentMicros(vm, now))}
        </span>
      )}
    </Tick>
  );
}
