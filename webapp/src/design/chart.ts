/** What a chart shows, worked out without a canvas. */
import { counted } from '@/lib/quantity';
import { formatClock } from '@/lib/time';

export interface ChartPoint {
  atMs: number;
  value: number;
  /** Of the samples that the point stands for; the value itself where there was one. */
  min?: number | undefined;
  max?: number | undefined;
}

export interface ChartSeries {
  label: string;
  /** In order of time. */
  points: readonly ChartPoint[];
}

export interface Threshold {
  value: number;
  label: string;
}

/** X in seconds, then one list per series: null is a gap, undefined a time at which only another series has a point. */
export type PlotData = [number[], ...(number | null | undefined)[][]];

export const MAX_SERIES = 5;

/** Silence longer than this many expected spacings is a gap. */
const GAP_SPACINGS = 2.5;

export const gapMs = (everyS: number): number => everyS * GAP_SPACINGS * 1_000;

/** The first series, and the mean of the others as one, so that no more than five are drawn. */
export function foldOthers(series: readonly ChartSeries[]): readonly ChartSeries[] {
  if (series.length <= MAX_SERIES) return series;
  const rest = series.slice(MAX_SERIES - 1);
  const at = new Map<number, number[]>();
  for (const { points } of rest) {
    for (const point of points) at.set(point.atMs, [...(at.get(point.atMs) ?? []), point.value]);
  }
  const points = [...at]
    .sort(([a], [b]) => a - b)
    .map(([atMs, values]) => ({ atMs, value: values.reduce((sum, v) => sum + v, 0) / values.length }));
  return [...series.slice(0, MAX_SERIES - 1), { label: `Other ${rest.length}, mean`, points }];
}

/** All series on one axis of time, with a hole where a series was silent for too long. */
export function plotData(series: readonly ChartSeries[], gap: number): PlotData {
  const columns = series.map(({ points }) => {
    const column = new Map<number, number | null>();
    points.forEach((point, index) => {
      const before = points[index - 1];
      if (before && point.atMs - before.atMs > gap) column.set(before.atMs + 1, null);
      column.set(point.atMs, point.value);
    });
    return column;
  });
  const times = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  return [times.map((ms) => ms / 1_000), ...columns.map((column) => times.map((ms) => column.get(ms)))];
}

export const countGaps = (points: readonly ChartPoint[], gap: number): number =>
  points.filter((point, index) => point.atMs - (points[index - 1]?.atMs ?? point.atMs) > gap).length;

export const lastAtMs = (series: readonly ChartSeries[]): number =>
  Math.max(0, ...series.map(({ points }) => points.at(-1)?.atMs ?? 0));

/** What the chart says, in one sentence for each series, for those who do not see it. */
export function summarise(
  title: string,
  series: readonly ChartSeries[],
  gap: number,
  show: (value: number) => string,
): string {
  const sentences = series.map(({ label, points }) => {
    const name = series.length > 1 ? `${title}, ${label}` : title;
    const last = points.at(-1);
    if (!last) return `${name}: no data.`;
    const low = Math.min(...points.map((point) => point.min ?? point.value));
    const high = Math.max(...points.map((point) => point.max ?? point.value));
    const gaps = countGaps(points, gap);
    const silent = gaps ? `, with ${counted(gaps, 'gap')}` : '';
    return `${name}: ${show(last.value)} at ${formatClock(last.atMs)}, from ${show(low)} to ${show(high)}${silent}.`;
  });
  return sentences.join(' ');
}

/** A round number at or above `value`, for the top of an axis that starts at zero. */
export function roundTop(value: number): number {
  if (!(value > 0)) return 1;
  const size = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((n) => n * size >= value) ?? 10;
  return step * size;
}

/** Moves labels apart so that none covers another, in the order given by their wanted places; all stay in the track. */
export function spread(wanted: readonly number[], distance: number, from: number, to: number): number[] {
  const order = wanted.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  let floor = from;
  for (const one of order) {
    one.place = Math.max(one.place, floor);
    floor = one.place + distance;
  }
  let ceiling = to;
  for (const one of [...order].reverse()) {
    one.place = Math.min(one.place, ceiling);
    ceiling = one.place - distance;
  }
  return order.sort((a, b) => a.index - b.index).map(({ place }) => place);
}
