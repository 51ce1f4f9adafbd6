import { expect, test } from 'vitest';
import { counted, formatCount, formatGib, formatMib, formatPercent, toGib } from './quantity';

test.each([
  [0, '0 MiB'],
  [511.6, '512 MiB'],
  [1_023, '1,023 MiB'],
  [1_024, '1 GiB'],
  [1_536, '1.5 GiB'],
  [2_097_152, '2,048 GiB'],
])('%d MiB read %s', (mib, text) => {
  expect(formatMib(mib)).toBe(text);
});

test('counts are grouped and keep one decimal', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatCount(0.25)).toBe('0.3');
  expect(formatGib(toGib(1_280))).toBe('1.3 GiB');
  expect(formatPercent(99.6)).toBe('100%');
});

test.each([
  [0, '0 rentals'],
  [1, '1 rental'],
  [1_200, '1,200 rentals'],
])('%d of them reads %s', (n, text) => {
  expect(counted(n, 'rental')).toBe(text);
});
