/** Whether the server can be reached, as the browser says and as the last requests showed. */
import { createStore } from './store';

export type Connection = 'online' | 'offline' | 'unreachable';

const browserOnline = () => typeof navigator === 'undefined' || navigator.onLine !== false;

export const connection = createStore<Connection>(browserOnline() ? 'online' : 'offline');

export function noteAnswered(): void {
  connection.set('online');
}

export function noteUnanswered(): void {
  connection.set(browserOnline() ? 'unreachable' : 'offline');
}

if (typeof window !== 'undefined') {
  window.addEventListener('offline', () => connection.set('offline'));
  window.addEventListener('online', () => connection.set('online'));
}
