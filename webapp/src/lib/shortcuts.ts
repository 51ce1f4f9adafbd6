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
