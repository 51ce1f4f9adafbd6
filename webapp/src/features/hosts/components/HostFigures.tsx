import { Meter } from '@/design/Meter';
import { formatRate } from '@/lib/money';
import { formatMib, formatPercent } from '@/lib/quantity';
import { formatClock } from '@/lib/time';
import type { Offer } from '@/types/domain';

interface FiguresCellProps {
  free: number;
  total: number;
  unit: string;
  format: (value: number) => string;
}

/** "6 of 8" with the sold share as a bar. */
export function HostFiguresCell({ free, total, unit, format }: FiguresCellProps) {
  return (
    <span className="inline-grid w-full max-w-32 gap-1 max-md:w-32">
      <span className="whitespace-nowrap">
        <b className="font-semibold">{format(free)}</b> <span className="text-ink-3">of {format(total)}</span>
      </span>
      <Meter value={total - free} max={total} label={`${unit}: ${format(free)} free of ${format(total)}`} />
    </span>
  );
}

/** What the machine itself says it is doing; none of this is capacity. */
export function LiveUse({ figures }: { figures: Offer['figures'] }) {
  if (!figures) return <span className="text-ink-3">no figures yet</span>;
  return (
    <span
      className="grid text-xs whitespace-nowrap text-ink-2"
      title={`Reported ${formatClock(figures.captured_at)}`}
    >
      <span>
        CPU {formatPercent(figures.cpu_used_percent)} · load {figures.load_1m.toFixed(2)}
      </span>
      <span className="text-ink-3">{formatMib(figures.memory_used_mib)} memory used</span>
    </span>
  );
}

/** The three prices a VM's rate is made of. */
export function UnitPrices({ prices }: { prices: Offer['prices'] }) {
  return (
    <span className="grid text-2xs whitespace-nowrap text-ink-3">
      <span>
        {formatRate(prices.vcpu_nanos_per_hour)} vCPU · {formatRate(prices.memory_gib_nanos_per_hour)} GiB
      </span>
      <span>{formatRate(prices.disk_gib_nanos_per_hour)} disk GiB</span>
    </span>
  );
}
