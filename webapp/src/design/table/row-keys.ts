import { type RefObject, useEffect } from 'react';
import { useShortcuts } from '@/lib/hooks';
import { keysAreTaken } from '@/lib/shortcuts';

const FRAMES_TO_WAIT = 10;

export interface RowKeyActions {
  open: ((key: string) => void) | undefined;
  pick: ((key: string) => void) | undefined;
  menu: ((key: string) => void) | undefined;
  /** Brings a row that is not drawn into view. */
  reveal: (index: number) => void;
}

const focusedRow = () => document.activeElement?.closest<HTMLElement>('tr[data-key]') ?? null;

/** The table that the keys are for: the one in use, else the first of the page. */
const tableInUse = () =>
  document.activeElement?.closest('[data-row-keys]') ?? document.querySelector('main [data-row-keys]');

/** Rows far away are drawn only after they were scrolled to. */
function focusRow(table: HTMLElement, index: number, frames = FRAMES_TO_WAIT): void {
  const row = table.querySelector<HTMLElement>(`tr[data-index="${index}"]`);
  if (row) row.focus();
  else if (frames > 0) requestAnimationFrame(() => focusRow(table, index, frames - 1));
}

/**
 * Single keys over a table's rows: j and k move, Enter opens, x selects, "." opens the row's menu. The row in use is the
 * one that has the focus, so moving renders nothing.
 */
export function useRowKeys(
  table: RefObject<HTMLElement | null>,
  count: number,
  acts: RefObject<RowKeyActions>,
) {
  const on = useShortcuts();
  useEffect(() => {
    const move = (element: HTMLElement, step: number): boolean => {
      const row = focusedRow();
      const present = row && element.contains(row) ? Number(row.dataset.index) : -1;
      const next = Math.min(count - 1, Math.max(0, present + (present < 0 ? 1 : step)));
      if (next < 0) return false;
      acts.current.reveal(next);
      focusRow(element, next);
      return true;
    };
    const act = (element: HTMLElement, key: string): boolean => {
      if (key === 'j' || key === 'k') return move(element, key === 'j' ? 1 : -1);
      const row = focusedRow();
      const rowKey = row?.dataset.key;
      if (!row || rowKey === undefined || !element.contains(row)) return false;
      const { open, pick, menu } = acts.current;
      const done = { Enter: document.activeElement === row ? open : undefined, x: pick, '.': menu }[key];
      done?.(rowKey);
      return done !== undefined;
    };
    const onKey = (event: KeyboardEvent) => {
      const element = table.current;
      if (!on || !element || event.defaultPrevented || keysAreTaken(event)) return;
      if (tableInUse() === element && act(element, event.key)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [on, table, count, acts]);
}
