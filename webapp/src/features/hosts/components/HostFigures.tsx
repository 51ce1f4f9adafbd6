import { ShareCell } from '@/design/ShareCell';
import { formatRate } from '@/lib/money';
import { formatCount, formatMib, formatPercent } from '@/lib/quantity';
import { formatClock } from '@/lib/time';
import type { Offer } from '@/types/domain';

interface CapacityCellProps {
  /** "Memory", for those who do not see the column. */
  what: string;
  free: number;
  total: number;
  unit?: string;
}

/** "9 of 12 GiB" with the sold share as a bar. */
export function CapacityCell({ what, free, total, unit = '' }: CapacityCellProps) {
  const words = `${formatCount(free)} of ${formatCount(total)}${unit && ` ${unit}`}`;
  return (
    <ShareCell
      value={free}
      total={total}
      unit={unit}
      filled={total - free}
      label={`${what}: ${words} free`}
    />
  );
}

/** What the machine itself says it is doing; none of this is capacity. */
export function LiveUse({ figures }: { figures: Offer['figures'] }) {
  if (!figures) return <span className="text-ink-3">no data yet</span>;
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
