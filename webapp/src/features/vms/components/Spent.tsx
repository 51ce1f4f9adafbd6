import { cn } from '@/design/cn';
import { Tick } from '@/design/Tick';
import { formatMicrosExact } from '@/lib/money';
import type { Vm } from '@/types/domain';
import { spentMicros } from '../model';
import { isBurning } from '../status';

/** Ticks by the second from the rate; "≈" because it is computed here until the next answer. */
export function Spent({ vm, className = 'text-xs' }: { vm: Vm; className?: string }) {
  return (
    <Tick active={isBurning(vm)}>
      {(now) => (
        <span className={cn('font-mono whitespace-nowrap', className)}>
          {isBurning(vm) && '≈'}
          {formatMicrosExact(spentMicros(vm, now))}
        </span>
      )}
    </Tick>
  );
}
