import { describe, expect, test, vi } from 'vitest';
import {
  FAST_INTERVAL_MS,
  freshnessOf,
  IDLE_INTERVAL_MS,
  nextDelayMs,
  onPollFast,
  pollFast,
} from './polling';

describe('the wait before the next poll', () => {
  test('is short for as long as anything is changing', () => {
    expect(nextDelayMs(0)).toBe(IDLE_INTERVAL_MS);
    const first = pollFast();
    const second = pollFast();
    expect(nextDelayMs(0)).toBe(FAST_INTERVAL_MS);
    first();
    expect(nextDelayMs(0)).toBe(FAST_INTERVAL_MS);
    second();
    expect(nextDelayMs(0)).toBe(IDLE_INTERVAL_MS);
  });

  test('doubles with each failure, up to a minute', () => {
    expect([1, 2, 3, 9].map(nextDelayMs)).toEqual([30_000, 60_000, 60_000, 60_000]);
    const stop = pollFast();
    expect([1, 2, 5, 50].map(nextDelayMs)).toEqual([4_000, 8_000, 60_000, 60_000]);
    stop();
  });

  test('whoever waits is woken when fast polling begins, until it stops listening', () => {
    const listener = vi.fn();
    const stopListening = onPollFast(listener);
    pollFast()();
    expect(listener).toHaveBeenCalledTimes(1);
    stopListening();
    pollFast()();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

test.each([
  [0, 'fresh'],
  [20_000, 'fresh'],
  [20_001, 'stale'],
  [50_000, 'stale'],
  [50_001, 'expired'],
])('with news due every 10 s, data %d ms old is %s', (ageMs, freshness) => {
  expect(freshnessOf(ageMs, 10_000)).toBe(freshness);
});
