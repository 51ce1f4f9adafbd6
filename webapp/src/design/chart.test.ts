import { describe, expect, test } from 'vitest';
import { countGaps, foldOthers, plotData, roundTop, spread, summarise } from './chart';

const T = Date.parse('2026-03-01T12:00:00Z');
const points = (...values: [atS: number, value: number][]) =>
  values.map(([atS, value]) => ({ atMs: T + atS * 1_000, value }));

describe('plotData', () => {
  test('a long silence is a hole, a short one is not', () => {
    const [times, values] = plotData([{ label: 'a', points: points([0, 1], [60, 2], [600, 3]) }], 150_000);
    expect(times).toEqual([T / 1_000, T / 1_000 + 60, T / 1_000 + 60.001, T / 1_000 + 600]);
    expect(values).toEqual([1, 2, null, 3]);
  });

  test('series with times of their own share one axis without breaking each other', () => {
    const [times, a, b] = plotData(
      [
        { label: 'a', points: points([0, 1], [60, 2]) },
        { label: 'b', points: points([30, 5]) },
      ],
      150_000,
    );
    expect(times).toHaveLength(3);
    expect(a).toEqual([1, undefined, 2]);
    expect(b).toEqual([undefined, 5, undefined]);
  });
});

test('a summary names the last value, the extremes and the gaps', () => {
  const series = [
    { label: 'cpu', points: [...points([0, 10]), { atMs: T + 3_600_000, value: 20, min: 5, max: 90 }] },
  ];
  const text = summarise('CPU used', series, 150_000, (value) => `${value}%`);
  expect(text).toMatch(/^CPU used: 20% at \d\d:00:00, from 5% to 90%, with 1 gap\.$/);
  expect(summarise('CPU used', [{ label: 'cpu', points: [] }], 1, String)).toBe('CPU used: no data.');
});

test('more than five series are four and the mean of the rest', () => {
  const seven = Array.from({ length: 7 }, (_, n) => ({ label: `gpu ${n}`, points: points([0, n * 10]) }));
  const folded = foldOthers(seven);
  expect(folded.map(({ label }) => label)).toEqual(['gpu 0', 'gpu 1', 'gpu 2', 'gpu 3', 'Other 3, mean']);
  expect(folded[4]?.points).toEqual(points([0, 50]));
  expect(foldOthers(seven.slice(0, 5))).toHaveLength(5);
});

test('counts silences between points only', () => {
  expect(countGaps(points([0, 1]), 1)).toBe(0);
  expect(countGaps(points([0, 1], [1, 1], [9, 1]), 2_000)).toBe(1);
});

test.each([
  [0, 1],
  [7, 8],
  [93, 100],
  [0.12, 0.15],
  [1_100, 1_500],
])('the axis of %d ends at %d', (value, top) => {
  expect(roundTop(value)).toBeCloseTo(top);
});

test('labels are moved apart and stay in their track', () => {
  expect(spread([10, 11, 50], 12, 0, 60)).toEqual([10, 22, 50]);
  expect(spread([58, 59], 12, 0, 60)).toEqual([48, 60]);
});
