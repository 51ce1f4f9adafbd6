import { cn } from '@/design/cn';
import { PositionBar } from '@/design/PositionBar';
import { formatRate } from '@/lib/money';
import { comparisonText, marketText, type PriceComparison } from '../market';

interface PriceStandingProps {
  comparison: PriceComparison | undefined;
  className?: string;
}

/** A price, and where it stands between the lowest and the highest that is asked. */
export function PriceComparisonCell({ comparison, className }: PriceStandingProps) {
  if (!comparison) return <span className="text-ink-3">—</span>;
  const { what, rate, share, middle, market } = comparison;
  const words = `${what} ${formatRate(rate)}/hr, ${comparisonText(comparison)}: ${marketText(comparison)}`;
  return (
    <span className={cn('inline-grid min-w-0 gap-0.5', className)} title={words}>
      <span className="flex items-center gap-2 whitespace-nowrap">
        <b className="font-semibold">{formatRate(rate)}</b>
        {market.hosts > 1 && <PositionBar share={share} middle={middle} label={words} />}
      </span>
      <span className="text-2xs text-ink-3 max-md:text-right md:whitespace-nowrap">
        per {what}, {comparisonText(comparison)}
      </span>
    </span>
  );
}
