import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ResourceEvent } from '@/types/domain';
import { type Feed, startLive } from './live';
import { FAST_INTERVAL_MS, IDLE_INTERVAL_MS, pollFast } from './polling';

const event = (id: string, at: string): ResourceEvent => ({
  id,
  type: 'vm.running',
  resource_type: 'vm',
  resource_id: 'vm_1',
  reason: 'proved',
  actor: 'agent',
  detail: '',
  data: null,
  at,
});

let stop: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-03-01T12:00:00Z') });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  setHidden(false);
});

function setHidden(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

function start(answer: (after: string | null) => Feed = () => ({ items: [], cursor: 'c' })) {
  const poll = vi.fn(async (after: string | null) => answer(after));
  const onEvents = vi.fn();
  stop = startLive({ poll, onEvents });
  return { poll, onEvents };
}

test('polls calmly, and fast while something is changing', async () => {
  const { poll } = start();
  await vi.advanceTimersByTimeAsync(IDLE_INTERVAL_MS);
  expect(poll).toHaveBeenCalledTimes(2);
  const stopFast = pollFast();
  await vi.advanceTimersByTimeAsync(3 * FAST_INTERVAL_MS);
  expect(poll).toHaveBeenCalledTimes(5);
  stopFast();
  await vi.advanceTimersByTimeAsync(FAST_INTERVAL_MS);
  await vi.advanceTimersByTimeAsync(FAST_INTERVAL_MS);
  expect(poll.mock.calls.length).toBeLessThanOrEqual(6);
});

test('hands on what is new and goes on from the cursor', async () => {
  const old = event('evt_1', '2026-03-01T11:00:00Z');
  const fresh = event('evt_2', '2026-03-01T12:00:01Z');
  const { poll, onEvents } = start((after) =>
    after === null ? { items: [old], cursor: 'c1' } : { items: [fresh], cursor: 'c2' },
  );
  await vi.advanceTimersByTimeAsync(0);
  expect(onEvents).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(IDLE_INTERVAL_MS);
  expect(poll.mock.calls.map(([after]) => after)).toEqual([null, 'c1']);
  // Told again by the next answer, but not handed on again.
  await vi.advanceTimersByTimeAsync(IDLE_INTERVAL_MS);
  expect(poll).toHaveBeenCalledTimes(3);
  expect(onEvents).toHaveBeenCalledExactlyOnceWith([fresh]);
});

test('stands still while the page is hidden and looks at once when it shows', async () => {
  const { poll } = start();
  await vi.advanceTimersByTimeAsync(0);
  setHidden(true);
  await vi.advanceTimersByTimeAsync(10 * IDLE_INTERVAL_MS);
  expect(poll).toHaveBeenCalledTimes(1);
  setHidden(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(poll).toHaveBeenCalledTimes(2);
});

test('backs off from a server that fails', async () => {
  const { poll } = start(() => {
    throw new Error('down');
  });
  await vi.advanceTimersByTimeAsync(2 * IDLE_INTERVAL_MS - 1);
  expect(poll).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(poll).toHaveBeenCalledTimes(2);
});
