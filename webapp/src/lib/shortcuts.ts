/** Whether single keys work as shortcuts: a choice of this browser, because keyboards and aids differ by machine. */
import { createStore } from './store';

const KEY = 'sharemtc.shortcuts';

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

export const shortcuts = createStore(read());

export function setShortcuts(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off');
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
  shortcuts.set(on);
}

/** Typing, and anything that has keys of its own, comes before single keys; so do keys pressed together. */
export function keysAreTaken(event: KeyboardEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.altKey) return true;
  if (!(event.target instanceof Element)) return false;
  const typing = event.target.closest(
    'input:not([type="checkbox"]), textarea, select, [contenteditable=""], [contenteditable="true"]',
  );
  return typing !== null || document.querySelector('[role="dialog"], dialog[open], [role="menu"]') !== null;
}
