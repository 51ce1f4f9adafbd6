import { type ReactNode, useMemo } from 'react';
import { useStepNow } from '@/lib/hooks';
import { type RangeSearch, rangeOf, stepMs, type TimeWindow, windowOf } from '@/lib/range';
import { formatDateTime } from '@/lib/time';
import { TimeRange } from './TimeRange';

/** The spacing of points until the server has said it. */
export const DEFAULT_POINT_SPACING_S = 60;

interface ChartGridProps {
  range: RangeSearch;
  onRange: (range: RangeSearch) => void;
  /** The charts, over one window; a span that is dragged over in one becomes the window of all. */
  children: (shared: { window: TimeWindow; onSelect: (window: TimeWindow) => void }) => ReactNode;
}

/** Charts over one span of time, and the choice of it. */
export function ChartGrid({ range, onRange, children }: ChartGridProps) {
  const now = useStepNow(stepMs(range));
  const { range: named, from, to } = range;
  const window = useMemo(() => windowOf({ range: named, from, to }, now), [named, from, to, now]);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <TimeRange value={range} onChange={onRange} />
        <p className="text-xs text-ink-3">
          {formatDateTime(window.fromMs)} – {formatDateTime(window.toMs)}
        </p>
      </div>
      <div className="grid gap-4 lg:grid-cols-2">
        {children({ window, onSelect: (selected) => onRange(rangeOf(selected)) })}
      </div>
    </div>
  );
}
