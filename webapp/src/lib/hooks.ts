/** React bindings of the modules beside this one. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { appearance } from './appearance';
import { connection } from './connection';
import { freshnessOf, pollFast } from './polling';
import { session } from './session';
import { shortcuts } from './shortcuts';
import { createStore, type Store } from './store';
import { serverNow } from './time';

function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

export const useAppearance = () => useStore(appearance);
export const useConnection = () => useStore(connection);
export const useSession = () => useStore(session);
export const useShortcuts = () => useStore(shortcuts);

/** Poll fast for as long as this is mounted with `active`. */
export function usePollFast(active: boolean): void {
  useEffect(() => (active ? pollFast() : undefined), [active]);
}

const tick = createStore(serverNow());
let followers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for the whole page, however many figures tick. Hidden pages stand still. */
function followTick(listener: () => void): () => void {
  followers += 1;
  if (followers === 1) {
    tick.set(serverNow());
    timer = setInterval(() => {
      if (!document.hidden) tick.set(serverNow());
    }, 1_000);
  }
  const stop = tick.subscribe(listener);
  return () => {
    stop();
    followers -= 1;
    if (followers === 0) clearInterval(timer);
  };
}

const standStill = () => () => undefined;

/** The server's time, re-rendering every second while `active`. */
export function useNow(active = true): number {
  return useSyncExternalStore(active ? followTick : standStill, tick.get);
}

/** The server's time, moving by whole steps; still when a step is infinite. */
export function useStepNow(stepMs: number): number {
  const still = !Number.isFinite(stepMs);
  const step = () => (still ? 0 : Math.floor(tick.get() / stepMs) * stepMs);
  return useSyncExternalStore(still ? standStill : followTick, step);
}

/** The value as it was when it last rested for `delayMs`. */
export function useSettled<T>(value: T, delayMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}

/** Whether nothing may be changed now: there is no connection, or what is shown is too old to decide on. */
export function useLocked(updatedAt: number, intervalMs: number): boolean {
  const expired = freshnessOf(useNow() - updatedAt, intervalMs) === 'expired';
  return useConnection() === 'offline' || expired;
}
