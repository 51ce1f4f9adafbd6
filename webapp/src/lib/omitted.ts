/** How many damaged records the lists go without, by the path of each list, as its last answer said. */
import { createStore } from './store';

export const omitted = createStore<ReadonlyMap<string, number>>(new Map());

export function noteOmitted(path: string, header: string | null): void {
  const known = omitted.get();
  const count = Number(header ?? 0);
  if ((known.get(path) ?? 0) === count) return;
  const next = new Map(known);
  if (count) next.set(path, count);
  else next.delete(path);
  omitted.set(next);
}
