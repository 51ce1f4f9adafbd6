import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatAge, formatElapsed, formatSpan, formatTicking, noteServerDate, serverNow } from './time';

describe('formatSpan', () => {
  test.each([
    [5, '5s'],
    [59 * 60, '59m'],
    [3_600 + 12 * 60, '1h 12m'],
    [2 * 86_400 + 7 * 3_600, '2d 7h'],
    [19 * 86_400 + 3_600, '19d'],
    [-3, '0s'],
  ])('%d seconds read %s', (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text);
  });
});

test('what ticks shows its seconds', () => {
  expect(formatTicking(65)).toBe('1m 05s');
  expect(formatTicking(3_723)).toBe('1h 02m 03s');
  expect(formatElapsed(412)).toBe('0.4 s');
  expect(formatElapsed(75_000)).toBe('1m 15s');
  expect(formatAge(1)).toBe('just now');
});

describe('server time', () => {
  afterEach(() => {
    noteServerDate(new Date().toUTCString());
    vi.useRealTimers();
  });

  test('follows the server when the reader’s clock is an hour off', () => {
    vi.useFakeTimers({ now: Date.parse('2026-03-01T12:00:00Z') });
    noteServerDate('Sun, 01 Mar 2026 13:00:00 GMT');
    expect(serverNow()).toBe(Date.parse('2026-03-01T13:00:00.500Z'));
  });

  test('leaves a clock alone that is right within the header’s precision', () => {
    vi.useFakeTimers({ now: Date.parse('2026-03-01T12:00:00.900Z') });
    noteServerDate('Sun, 01 Mar 2026 12:00:00 GMT');
    expect(serverNow()).toBe(Date.now());
    noteServerDate(null);
    expect(serverNow()).toBe(Date.now());
  });
});
