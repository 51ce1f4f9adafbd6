/** Which columns of a table are not shown: a choice of this browser, because screens differ. */
import { useState } from 'react';

const keyOf = (tableId: string) => `sharemtc.table.${tableId}.hidden`;

function read(tableId: string): ReadonlySet<string> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(tableId)) ?? '[]');
    return new Set(Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}

function write(tableId: string, hidden: ReadonlySet<string>): void {
  try {
    if (hidden.size) localStorage.setItem(keyOf(tableId), JSON.stringify([...hidden]));
    else localStorage.removeItem(keyOf(tableId));
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
}

/** The hidden columns' ids, and what turns one on or off. Tables without an id hide none. */
export function useHiddenColumns(tableId: string | undefined) {
  const [hidden, setHidden] = useState(() => (tableId ? read(tableId) : new Set<string>()));
  const toggle = (columnId: string) => {
    const next = new Set(hidden);
    if (!next.delete(columnId)) next.add(columnId);
    setHidden(next);
    if (tableId) write(tableId, next);
  };
  return [hidden, toggle] as const;
}
