/** How often the server is asked, and how old an answer may be. */

export const FAST_INTERVAL_MS = 2_000;
export const IDLE_INTERVAL_MS = 15_000;
const MAX_BACKOFF_MS = 60_000;
const MAX_DOUBLINGS = 5;

const waiting = new Set<symbol>();
const listeners = new Set<() => void>();

/** Poll fast while something is changing. Returns the function that ends it. */
export function pollFast(): () => void {
  const token = Symbol('pollFast');
  waiting.add(token);
  for (const listener of listeners) listener();
  return () => waiting.delete(token);
}

/** Called whenever fast polling begins. Returns the function that ends it. */
export function onPollFast(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How long to wait before the next poll, after so many failures in a row. */
export function nextDelayMs(failures: number): number {
  const base = waiting.size > 0 ? FAST_INTERVAL_MS : IDLE_INTERVAL_MS;
  return failures === 0 ? base : Math.min(MAX_BACKOFF_MS, base * 2 ** Math.min(failures, MAX_DOUBLINGS));
}

export type Freshness = 'fresh' | 'stale' | 'expired';

const STALE_INTERVALS = 2;
const EXPIRED_INTERVALS = 5;

/** Stale past twice the interval at which news is due; past five times nothing may be decided on it. */
export function freshnessOf(ageMs: number, intervalMs: number): Freshness {
  if (ageMs > EXPIRED_INTERVALS * intervalMs) return 'expired';
  return ageMs > STALE_INTERVALS * intervalMs ? 'stale' : 'fresh';
}
