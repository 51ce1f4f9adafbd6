import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { announcement } from './announce';
import { connection } from './connection';
import { useLocked, useNow, usePollFast, useSettled, useStepNow } from './hooks';
import { FAST_INTERVAL_MS, IDLE_INTERVAL_MS, nextDelayMs } from './polling';
import { useAnnounced } from './use-announced';

const START = Date.parse('2026-03-01T12:00:00Z');
const advance = (ms: number) => act(() => vi.advanceTimersByTime(ms));

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
  connection.set('online');
});

describe('the time of now', () => {
  test('moves by the second while it is followed, with one timer for all', () => {
    const first = renderHook(() => useNow());
    const second = renderHook(() => useNow());
    expect(vi.getTimerCount()).toBe(1);
    advance(3_000);
    expect(first.result.current).toBe(START + 3_000);
    expect(second.result.current).toBe(START + 3_000);
    first.unmount();
    second.unmount();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('stands still where nothing ticks', () => {
    renderHook(() => useNow(false));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('moves by whole steps for charts, and not at all for a fixed window', () => {
    const stepped = renderHook(() => useStepNow(30_000));
    const before = stepped.result.current;
    expect(before % 30_000).toBe(0);
    advance(29_000);
    expect(stepped.result.current).toBe(before);
    advance(2_000);
    expect(stepped.result.current).toBe(before + 30_000);
    expect(renderHook(() => useStepNow(Number.POSITIVE_INFINITY)).result.current).toBe(0);
  });
});

test('a value is settled once it has rested', () => {
  const { result, rerender } = renderHook(({ text }) => useSettled(text, 300), {
    initialProps: { text: 'a' },
  });
  rerender({ text: 'ab' });
  advance(200);
  rerender({ text: 'abc' });
  advance(200);
  expect(result.current).toBe('a');
  advance(100);
  expect(result.current).toBe('abc');
});

describe('a page is locked', () => {
  const locked = (updatedAt: number) => {
    const hook = renderHook(() => useLocked(updatedAt, 10_000));
    const state = hook.result.current;
    hook.unmount();
    return state;
  };

  test('when what it shows is older than five of its intervals', () => {
    renderHook(() => useNow()); // sets the shared clock
    expect(locked(START - 50_000)).toBe(false);
    expect(locked(START - 50_001)).toBe(true);
  });

  test('when there is no connection', () => {
    connection.set('offline');
    expect(locked(START)).toBe(true);
    connection.set('unreachable');
    expect(locked(START)).toBe(false);
  });
});

test('polling is fast for as long as something that is changing is mounted', () => {
  const { rerender, unmount } = renderHook(({ active }) => usePollFast(active), {
    initialProps: { active: false },
  });
  expect(nextDelayMs(0)).toBe(IDLE_INTERVAL_MS);
  rerender({ active: true });
  expect(nextDelayMs(0)).toBe(FAST_INTERVAL_MS);
  unmount();
  expect(nextDelayMs(0)).toBe(IDLE_INTERVAL_MS);
});

test('a state is announced when it changes, not when the page is opened', () => {
  announcement.set('');
  const { rerender } = renderHook(({ state }) => useAnnounced('web-1', state), {
    initialProps: { state: 'starting' },
  });
  expect(announcement.get()).toBe('');
  rerender({ state: 'running' });
  expect(announcement.get()).toBe('web-1 is running');
  announcement.set('');
  rerender({ state: 'running' });
  expect(announcement.get()).toBe('');
});
