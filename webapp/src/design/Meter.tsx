import { cn } from './cn';

interface MeterProps {
  value: number;
  max: number;
  /** What the bar shows, in words, for those who do not see it. */
  label: string;
  className?: string;
}

/** A share of a whole; starts at zero and never leaves its track. */
export function Meter({ value, max, label, className }: MeterProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <span
      role="img"
      aria-label={label}
      className={cn('block h-1 w-full overflow-hidden rounded-full bg-line', className)}
    >
      <span className="block h-full bg-meter" style={{ width: `${share * 100}%` }} />
    </span>
  );
}
