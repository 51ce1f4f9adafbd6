import { cn } from '@/design/cn';
import { PositionBar } from '@/design/PositionBar';
import { formatRate } from '@/lib/money';
import { marketText, type Standing, standingText } from '../market';

interface PriceStandingProps {
  standing: Standing | undefined;
  className?: string;
}

/** A price, and where it stands between the lowest and the highest that is asked. */
export function PriceStanding({ standing, className }: PriceStandingProps) {
  if (!standing) return <span className="text-ink-3">—</span>;
  const { what, rate, share, middle, market } = standing;
  const words = `${what} ${formatRate(rate)}/hr, ${standingText(standing)}: ${marketText(standing)}`;
  return (
    <span className={cn('inline-grid min-w-0 gap-0.5', className)} title={words}>
      <span className="flex items-center gap-2 whitespace-nowrap">
        <b className="font-semibold">{formatRate(rate)}</b>
        {market.hosts > 1 && <PositionBar share={share} middle={middle} label={words} />}
      </span>
      <span className="text-2xs text-ink-3 max-md:text-right md:whitespace-nowrap">
        per {what}, {standingText(standing)}
      </span>
    </span>
  );
}
