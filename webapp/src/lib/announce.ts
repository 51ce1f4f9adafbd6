/** One polite line for screen readers; the shell renders it. */
import { createStore } from './store';

export const announcement = createStore('');

export function announce(message: string): void {
  announcement.set(message);
}
