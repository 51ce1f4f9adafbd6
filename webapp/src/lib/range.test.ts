import { expect, test } from 'vitest';
import { parseRange, rangeOf, stepMs, windowOf } from './range';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const FROM = '2026-02-01T00:00:00.000Z';
const TO = '2026-02-02T00:00:00.000Z';

test.each([
  [{}, {}],
  [{ range: '1h' }, {}],
  [{ range: '7d' }, { range: '7d' }],
  [{ range: 'ever' }, {}],
  [
    { from: FROM, to: TO, range: '7d' },
    { from: FROM, to: TO },
  ],
  [{ from: TO, to: FROM }, {}],
  [{ from: FROM }, {}],
  [{ from: 'yesterday', to: TO }, {}],
])('%o reads as %o', (search, read) => {
  expect(parseRange(search)).toEqual(read);
});

test('a range ends now and moves; a custom one stands still', () => {
  expect(windowOf({}, NOW)).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW });
  expect(windowOf({ range: '24h' }, NOW).fromMs).toBe(NOW - 86_400_000);
  expect(windowOf({ from: FROM, to: TO }, NOW)).toEqual({ fromMs: Date.parse(FROM), toMs: Date.parse(TO) });
  expect(stepMs({ from: FROM, to: TO })).toBe(Number.POSITIVE_INFINITY);
  expect(stepMs({})).toBeLessThan(stepMs({ range: '30d' }));
});

test('a window that was dragged over reads back as the same window', () => {
  const window = { fromMs: Date.parse(FROM), toMs: Date.parse(TO) };
  expect(windowOf(parseRange({ ...rangeOf(window) }), NOW)).toEqual(window);
});
