import { expect, test } from 'vitest';
import { fromWallTime, toWallTime } from './wall-time';

test.each([
  ['2026-03-01T12:00:00Z', 'UTC', '2026-03-01T12:00'],
  ['2026-03-01T12:00:00Z', 'Asia/Kolkata', '2026-03-01T17:30'],
  ['2026-07-01T23:30:00Z', 'Europe/Amsterdam', '2026-07-02T01:30'],
  ['2026-03-29T01:30:00Z', 'Europe/Amsterdam', '2026-03-29T03:30'],
])('%s in %s reads %s, and back', (instant, zone, wall) => {
  expect(toWallTime(Date.parse(instant), zone)).toBe(wall);
  expect(fromWallTime(wall, zone)).toBe(Date.parse(instant));
});

test('what is no time is no instant', () => {
  expect(fromWallTime('', 'UTC')).toBeNull();
  expect(fromWallTime('2026-13-40T99:99', 'UTC')).toBeNull();
});
