import { describe, expect, test } from 'vitest';
import {
  accruedMicros,
  formatChange,
  formatMicros,
  formatMicrosExact,
  formatMonthly,
  formatParts,
  formatRate,
  parseRate,
  percentAbove,
  rateInput,
  scaledRate,
  shareBetween,
  sharedPlaces,
  sumMicros,
  toNanos,
} from './money';

describe('formatMicros', () => {
  test.each([
    [0, '$0.00'],
    [9_984_321, '$9.98'],
    [9_999_200, '$10.00'],
    [9_994_999, '$9.99'],
    [100_000, '$0.10'],
    [99_999, '$0.100'],
    [12_500, '$0.013'],
    [999, '$0.000999'],
    [1_234_567_890_000, '$1,234,567.89'],
    [-2_500_000, '−$2.50'],
  ])('shows %d micro-dollars as %s, to the nearest', (micros, text) => {
    expect(formatMicros(micros)).toBe(text);
  });

  test('keeps amounts exact that a double could not', () => {
    expect(formatMicrosExact(9_007_199_254_740_993n)).toBe('$9,007,199,254.740993');
  });

  test('refuses a float instead of rounding it silently', () => {
    expect(() => formatMicros(0.5)).toThrow(RangeError);
    expect(() => formatMicros(2 ** 60)).toThrow(RangeError);
  });
});

describe('formatRate', () => {
  test.each([
    [21_400_000, '$0.021'],
    [2_310_000_000, '$2.31'],
    [100_000, '$0.0001'],
    [137_500, '$0.000138'],
    [1, '$0.000000001'],
    [0, '$0.00'],
  ])('shows %d nano-dollars per hour as %s', (nanos, text) => {
    expect(formatRate(nanos)).toBe(text);
  });
});

test('a rate and an hour of it held read alike', () => {
  expect(formatRate(12_500_000)).toBe(formatMicros(12_500));
});

test('what stands in one column has the decimals of the finest', () => {
  const rates = [2_310_000_000, 21_400_000, 100_000, null, undefined, 0];
  const places = sharedPlaces(rates);
  expect(rates.map((rate) => (rate == null ? '' : formatRate(rate, places)))).toEqual([
    '$2.3100',
    '$0.0214',
    '$0.0001',
    '',
    '',
    '$0.0000',
  ]);
  expect(sharedPlaces([2_000_000_000, 500_000_000])).toBe(2);
  expect(sharedPlaces([])).toBe(2);
});

describe('formatParts', () => {
  const read = (text: string) => Number(text.replace('−', '-').replaceAll(/[$,]/g, ''));

  test('a wallet and what is held of it add up as they are shown', () => {
    expect(formatParts([toNanos(9_983_921), toNanos(15_479)])).toEqual({
      parts: ['$9.984', '$0.015'],
      total: '$9.999',
    });
  });

  test('parts add up to their total whatever they are', () => {
    let seed = 7;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed;
    };
    for (let round = 0; round < 500; round += 1) {
      const amounts = Array.from({ length: 1 + (next() % 5) }, () => (next() - 1_000_000_000) * (next() % 3));
      const { parts, total } = formatParts(amounts);
      const sum = parts.reduce((all, one) => all + read(one), 0);
      expect(sum).toBeCloseTo(read(total), 9);
      expect(new Set([...parts, total].map((one) => one.split('.')[1]?.length)).size).toBe(1);
    }
  });
});

test('a month has 730 hours, and cents vanish from a thousand dollars up', () => {
  expect(formatMonthly(21_000_000)).toBe('$15.33');
  expect(formatMonthly(2_690_000_000)).toBe('$1,964');
});

test('a change carries its sign', () => {
  expect(formatChange(10_000_000)).toBe('+$10.000000');
  expect(formatChange(-213)).toBe('−$0.000213');
  expect(formatChange(0)).toBe('$0.000000');
});

describe('accruedMicros', () => {
  test('floors once, as the ledger does', () => {
    expect(accruedMicros(3_600_000_000, 1_000)).toBe(1_000n);
    expect(accruedMicros(3_600_000, 999)).toBe(0n);
    expect(accruedMicros(10_725_000, 3_600_000)).toBe(10_725n);
  });

  test('a clock behind the server never takes money back', () => {
    expect(accruedMicros(3_600_000_000, -5_000)).toBe(0n);
  });
});

test('sums and scales without floats', () => {
  expect(sumMicros([1, 2n, 3])).toBe(6n);
  expect(scaledRate(5_000_000, 128, 1_024)).toBe(625_000n);
});

describe('rates in fields', () => {
  test.each([
    ['0.0123', 12_300_000],
    ['$2', 2_000_000_000],
    ['0.000000001', 1],
    ['0', 0],
  ])('%s is %d nano-dollars, and back', (text, nanos) => {
    expect(parseRate(text)).toBe(nanos);
    expect(rateInput(nanos)).toBe(text.replace('$', ''));
  });

  test.each(['', '-1', '1e3', '1,5', '0.0000000001', 'free'])('%o is no rate', (text) => {
    expect(parseRate(text)).toBeNull();
  });
});

test('compares rates in whole percent', () => {
  expect(percentAbove(110, 100)).toBe(10);
  expect(percentAbove(50, 100)).toBe(-50);
  expect(percentAbove(2, 3)).toBe(-33);
  expect(percentAbove(1, 0)).toBeNull();
});

test('places a rate between two others', () => {
  expect(shareBetween(15, 10, 20)).toBe(0.5);
  expect(shareBetween(30, 10, 20)).toBe(1);
  expect(shareBetween(10, 10, 10)).toBe(0.5);
});
