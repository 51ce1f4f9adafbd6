import { describe, expect, test } from 'vitest';
import {
  accruedMicros,
  formatChange,
  formatMicros,
  formatMicrosExact,
  formatMonthly,
  formatRate,
  parseRate,
  percentAbove,
  rateInput,
  scaledRate,
  shareBetween,
  sumMicros,
} from './money';

describe('formatMicros', () => {
  test.each([
    [0, '$0.00'],
    [9_984_321, '$9.98'],
    [9_999_999, '$9.99'],
    [100_000, '$0.10'],
    [99_999, '$0.099'],
    [999, '$0.000999'],
    [1_234_567_890_000, '$1,234,567.89'],
    [-2_500_000, '−$2.50'],
  ])('shows %d micro-dollars as %s and never more than there is', (micros, text) => {
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
