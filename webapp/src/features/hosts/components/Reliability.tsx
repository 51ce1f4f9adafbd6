import { cn } from '@/design/cn';
import { Tick } from '@/design/Tick';
import { serverNow } from '@/lib/time';
import type { Offer } from '@/types/domain';
import { isNew, reliabilityLook } from '../reliability';

interface ReliabilityProps {
  host: Pick<Offer, 'reliability' | 'enrolled_at'>;
  className?: string;
}

/** Its score over what it was watched for, or that it is new. */
export function Reliability({ host, className }: ReliabilityProps) {
  return (
    <Tick active={isNew(host, serverNow())}>
      {(now) => {
        const { value, note } = reliabilityLook(host, now);
        return (
          <span className={cn('grid', className)}>
            <span className="font-medium whitespace-nowrap">{value}</span>
            <span className="text-2xs text-ink-3">{note}</span>
          </span>
        );
      }}
    </Tick>
  );
}
