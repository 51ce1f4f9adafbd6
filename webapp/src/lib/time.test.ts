import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Appearance, appearance } from './appearance';
import {
  formatAge,
  formatClock,
  formatDate,
  formatDateTime,
  formatDay,
  formatElapsed,
  formatMinute,
  formatSpan,
  formatTicking,
  noteServerDate,
  secondsSince,
  serverNow,
} from './time';

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

describe('dates and times', () => {
  const AT = '2026-03-01T15:42:34Z';
  afterEach(() => appearance.set({ ...appearance.get(), language: 'en', timezone: 'UTC' }));
  const read = (language: Appearance['language'], timezone: string) => {
    appearance.set({ ...appearance.get(), language, timezone });
    return [formatDateTime(AT), formatDay(AT), formatClock(AT), formatMinute(AT), formatDate(AT)];
  };

  test('are written day first, with 24 hours, in plain English', () => {
    expect(read('en', 'UTC')).toEqual([
      '1 Mar 2026, 15:42:34',
      '1 Mar 2026, 15:42',
      '15:42:34',
      '15:42',
      '1 Mar',
    ]);
  });

  test('follow the zone and the language that were chosen, also after a change', () => {
    expect(read('en', 'Asia/Tokyo')[0]).toBe('2 Mar 2026, 00:42:34');
    expect(read('de', 'Asia/Tokyo')[4]).toBe('2. März');
    expect(read('en-US', 'UTC')[4]).toBe('Mar 1');
  });

  test('a zone that this browser does not know is no failure', () => {
    expect(read('en', 'Moon/Tranquility')[4]).toMatch(/Mar/);
  });
});

test('ages are counted from an instant', () => {
  expect(secondsSince('2026-03-01T12:00:00Z', Date.parse('2026-03-01T12:01:30Z'))).toBe(90);
  expect(formatAge(90)).toBe('1m ago');
  expect(formatSpan(12_000 * 86_400)).toBe('over 27 years');
  expect(formatTicking(2 * 86_400)).toBe('2d');
});
