import { afterEach, expect, test, vi } from 'vitest';
import { connection, noteAnswered, noteUnanswered } from './connection';

const browserIs = (online: boolean) => vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(online);
afterEach(() => connection.set('online'));

test('a request without an answer means offline or unreachable, as the browser says', () => {
  browserIs(true);
  noteUnanswered();
  expect(connection.get()).toBe('unreachable');
  browserIs(false);
  noteUnanswered();
  expect(connection.get()).toBe('offline');
  noteAnswered();
  expect(connection.get()).toBe('online');
});

test('the browser’s own events are followed', () => {
  window.dispatchEvent(new Event('offline'));
  expect(connection.get()).toBe('offline');
  window.dispatchEvent(new Event('online'));
  expect(connection.get()).toBe('online');
});
