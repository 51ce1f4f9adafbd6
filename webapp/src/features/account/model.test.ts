import { expect, test } from 'vitest';
import { expiryOf, parseDollars } from './model';

test.each([
  ['12', 12_000_000],
  ['12.5', 12_500_000],
  ['$0.000001', 1],
  [' 3.10 ', 3_100_000],
  ['0', 0],
])('reads %j as micro-dollars', (text, micros) => {
  expect(parseDollars(text)).toBe(micros);
});

test.each(['', '-1', '1,5', '1.2345678', 'ten', '1e3', '.5'])('takes %j for no amount', (text) => {
  expect(parseDollars(text)).toBeNull();
});

test('a key that is does not expire has no end', () => {
  expect(expiryOf(0, 0)).toBeNull();
  expect(expiryOf(30, Date.parse('2026-01-01T00:00:00Z'))).toBe('2026-01-31T00:00:00.000Z');
});
