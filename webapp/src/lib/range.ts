/** The span of time a page of charts shows, as the URL holds it. */
import { oneOf } from './url';

export const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const;
export type Range = (typeof RANGES)[number];

/** A range that ends now, or from one instant to another. Empty means the last hour. */
export interface RangeSearch {
  range?: Range | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface TimeWindow {
  fromMs: number;
  toMs: number;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const SPAN_MS: Record<Range, number> = {
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': 24 * HOUR,
  '7d': 168 * HOUR,
  '30d': 720 * HOUR,
};
/** How far a window that ends now moves at once: longer ones show coarser points, so they are asked for less often. */
const STEP_MS: Record<Range, number> = {
  '1h': 30 * SECOND,
  '6h': 60 * SECOND,
  '24h': 60 * SECOND,
  '7d': 300 * SECOND,
  '30d': 300 * SECOND,
};

const instant = (value: unknown): number =>
  typeof value === 'string' && /^\d{4}-/.test(value) ? Date.parse(value) : Number.NaN;

/** Anything that is no range reads as the last hour. */
export function parseRange(search: Record<string, unknown>): RangeSearch {
  const from = instant(search.from);
  const to = instant(search.to);
  if (from < to)
    return { range: undefined, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const range = oneOf(search.range, RANGES, '1h');
  return { range: range === '1h' ? undefined : range, from: undefined, to: undefined };
}

export const isCustom = (search: RangeSearch): search is { from: string; to: string } =>
  search.from !== undefined && search.to !== undefined;

/** How far the window moves at once; infinite for one that stands still. */
export const stepMs = (search: RangeSearch): number =>
  isCustom(search) ? Number.POSITIVE_INFINITY : STEP_MS[search.range ?? '1h'];

/** A window as the range that stands in the address. */
export const rangeOf = ({ fromMs, toMs }: TimeWindow): RangeSearch => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});

export function windowOf(search: RangeSearch, nowMs: number): TimeWindow {
  if (isCustom(search)) return { fromMs: Date.parse(search.from), toMs: Date.parse(search.to) };
  return { fromMs: nowMs - SPAN_MS[search.range ?? '1h'], toMs: nowMs };
}
