import { expect, test } from 'vitest';
import { at, makeOffer, NOW } from '@/test/factories';
import type { Offer } from '@/types/domain';
import { reliabilityLook, reliabilityOrder, reliabilityText } from './reliability';

const DAY_MS = 86_400_000;
const score: NonNullable<Offer['reliability']> = {
  score_percent: 98.97,
  window_days: 30,
  uptime_percent: 99.99,
  downtimes: 1,
  interruptions: 1,
  provisional: false,
};

test.each<[string, Partial<Offer>, string, string]>([
  [
    'fifteen minutes old, with the score of its first quarter of an hour',
    {
      enrolled_at: at(-900_000),
      reliability: { ...score, score_percent: 100, downtimes: 0, provisional: true },
    },
    'New',
    'monitored for 15m',
  ],
  ['not scored yet', { enrolled_at: at(-60_000), reliability: null }, 'New', 'monitored for 1m'],
  [
    'new, and away already',
    { enrolled_at: at(-6 * DAY_MS), reliability: { ...score, downtimes: 2, provisional: true } },
    'New',
    'monitored for 6d, 2 outages',
  ],
  [
    'ten days old',
    { enrolled_at: at(-10.5 * DAY_MS), reliability: score },
    '98.97%',
    '99.99% uptime over 10d',
  ],
  ['a year old', { enrolled_at: at(-365 * DAY_MS), reliability: score }, '98.97%', '99.99% uptime over 30d'],
  ['old, and never scored', { enrolled_at: at(-40 * DAY_MS), reliability: null }, '—', 'not scored yet'],
])('a host that is %s', (_what, over, value, note) => {
  expect(reliabilityLook(makeOffer(over), NOW)).toEqual({ value, note });
});

test('in one line', () => {
  expect(reliabilityText(makeOffer({ enrolled_at: at(-900_000) }), NOW)).toBe('New, monitored for 15m');
  expect(reliabilityText(makeOffer({ reliability: score }), NOW)).toBe(
    'Reliability 98.97%, 99.99% uptime over 30d',
  );
  expect(reliabilityText(makeOffer(), NOW)).toBe('Reliability not scored yet');
});

test('new hosts sort behind all that have a record, whatever their first score', () => {
  const fresh = makeOffer({ reliability: { ...score, score_percent: 100, provisional: true } });
  expect(reliabilityOrder(fresh, NOW)).toBeLessThan(reliabilityOrder(makeOffer({ reliability: score }), NOW));
});
