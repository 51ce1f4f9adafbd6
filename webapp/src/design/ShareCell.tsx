import { formatCount } from '@/lib/quantity';
import { Meter } from './Meter';

interface ShareCellProps {
  value: number;
  total: number;
  unit?: string;
  /** How much of the total the bar fills; the value without it. */
  filled?: number;
  /** The cell in words: "GPUs: 3 of 8 rented". */
  label: string;
}

/** "3 of 8" over a bar, for a table. */
export function ShareCell({ value, total, unit = '', filled = value, label }: ShareCellProps) {
  return (
    <span className="inline-grid w-full max-w-28 min-w-14 gap-1 max-md:w-32">
      <span className="whitespace-nowrap max-md:text-right">
        <b className="font-semibold">{formatCount(value)}</b>
        <span className="text-ink-3">
          {' '}
          of {formatCount(total)} {unit}
        </span>
      </span>
      <Meter value={filled} max={total} label={label} />
    </span>
  );
}
