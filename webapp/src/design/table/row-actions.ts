import { type RefObject, useMemo, useRef, useState } from 'react';
import type { RowActions } from './Row';
import { type RowKeyActions, useRowKeys } from './row-keys';

interface OpenMenu {
  key: string;
  anchor: HTMLElement;
}

interface RowActionsInput {
  section: RefObject<HTMLElement | null>;
  reveal: RefObject<(index: number) => void>;
  count: number;
  open: ((key: string) => void) | undefined;
  pick: ((key: string) => void) | undefined;
  hasMenu: boolean;
}

/** What rows can be asked to do, by pointer or key: the same functions over renders, so that rows can stay as drawn. */
export function useRowActions({ section, reveal, count, open, pick, hasMenu }: RowActionsInput) {
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const latest = useRef({ open, pick });
  latest.current = { open, pick };
  const acts = useMemo<RowActions>(
    () => ({
      open: (key) => latest.current.open?.(key),
      pick: (key) => latest.current.pick?.(key),
      menu: (key, anchor) => setMenu((shown) => (shown?.anchor === anchor ? null : { key, anchor })),
    }),
    [],
  );
  const menuOf = (key: string) => {
    const row = section.current?.querySelector<HTMLElement>(`tr[data-key="${CSS.escape(key)}"]`);
    const anchor = row?.querySelector<HTMLElement>('[data-row-menu]') ?? row;
    if (anchor) acts.menu(key, anchor);
  };
  const now: RowKeyActions = {
    open: open && acts.open,
    pick: pick && acts.pick,
    menu: hasMenu ? menuOf : undefined,
    reveal: (index) => reveal.current(index),
  };
  const keyActions = useRef(now);
  keyActions.current = now;
  useRowKeys(section, count, keyActions);
  return { acts, menu, closeMenu: () => setMenu(null) };
}
