import { afterEach, describe, expect, test, vi } from 'vitest';
import { noteOmitted, omitted } from './omitted';
import { createStore } from './store';

describe('a store', () => {
  test('tells its listeners of a change, and not of the same value again', () => {
    const store = createStore(1);
    const listener = vi.fn();
    const stop = store.subscribe(listener);
    store.set(2);
    store.set(2);
    expect(store.get()).toBe(2);
    expect(listener).toHaveBeenCalledTimes(1);
    stop();
    store.set(3);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('a listener that leaves while it is told does not keep others from being told', () => {
    const store = createStore('a');
    const other = vi.fn();
    const stop = store.subscribe(() => stop());
    store.subscribe(other);
    store.set('b');
    expect(other).toHaveBeenCalledTimes(1);
  });
});

describe('records that lists go without', () => {
  afterEach(() => omitted.set(new Map()));

  test('are counted by list, as its last answer says', () => {
    noteOmitted('/v1/a', '2');
    noteOmitted('/v1/b', '1');
    noteOmitted('/v1/a', '3');
    expect([...omitted.get()]).toEqual([
      ['/v1/a', 3],
      ['/v1/b', 1],
    ]);
    noteOmitted('/v1/a', null);
    expect([...omitted.get()]).toEqual([['/v1/b', 1]]);
  });

  test('an answer that says the same changes nothing', () => {
    noteOmitted('/v1/a', '2');
    const before = omitted.get();
    noteOmitted('/v1/a', '2');
    noteOmitted('/v1/c', null);
    expect(omitted.get()).toBe(before);
  });
});
