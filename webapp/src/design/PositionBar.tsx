import { cn } from './cn';

interface PositionBarProps {
  /** Where the own value stands, and the middle one; both as shares of the way from lowest to highest. */
  share: number;
  middle: number;
  /** What the bar shows, in words, for those who do not see it. */
  label: string;
  className?: string;
}

const WIDTH = 96;
const HEIGHT = 12;
const INSET = 4;

/** Where one value stands between the lowest and the highest, against the one in the middle. */
export function PositionBar({ share, middle, label, className }: PositionBarProps) {
  const x = (part: number) => INSET + Math.min(1, Math.max(0, part)) * (WIDTH - 2 * INSET);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className={cn('h-3 w-24 shrink-0', className)}
    >
      <rect x={0} y={5} width={WIDTH} height={2} rx={1} className="fill-line" />
      <rect x={x(middle) - 0.5} y={0} width={1} height={HEIGHT} className="fill-ink-3" />
      <circle cx={x(share)} cy={6} r={3.5} className="fill-meter stroke-surface" />
    </svg>
  );
}
