import { useState } from 'react';

/** The picked rows of those that are shown; one that left the table is picked no more. */
export function usePicked<T>(rows: readonly T[], rowKey: (row: T) => string) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const picked = keys.size ? rows.filter((row) => keys.has(rowKey(row))) : [];
  const toggle = (key: string) =>
    setKeys((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const all = rows.length > 0 && picked.length === rows.length;
  const toggleAll = () => setKeys(all ? new Set() : new Set(rows.map(rowKey)));
  const extent = picked.length === 0 ? 'none' : all ? 'all' : 'some';
  return { keys, picked, extent, toggle, toggleAll, clear: () => setKeys(new Set()) } as const;
}
