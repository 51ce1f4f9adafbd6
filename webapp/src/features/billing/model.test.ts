import { expect, test } from 'vitest';
import { makeBalance } from '@/test/factories';
import { isBalanced, runwayText, runwayTone, walletText } from './model';

test('the runway reads as balance, burn and how long it lasts', () => {
  expect(runwayText(makeBalance())).toEqual({ available: '$9.98', burn: '−$0.021/hr', lasts: '19d' });
  expect(runwayText(makeBalance({ burn_nanos_per_hour: 0, runway_s: null }))).toEqual({
    available: '$9.98',
    burn: undefined,
    lasts: undefined,
  });
});

test.each([
  [86_400, 'plain'],
  [86_399, 'low'],
  [7_199, 'critical'],
  [null, 'plain'],
])('a runway of %s seconds is %s', (runway_s, tone) => {
  expect(runwayTone(makeBalance({ runway_s }))).toBe(tone);
});

test('an empty wallet is critical even when nothing burns', () => {
  expect(runwayTone(makeBalance({ available_micros: 0, runway_s: null }))).toBe('critical');
});

test('knows a transaction whose entries do not sum to zero', () => {
  const item = {
    id: 'txn_1',
    kind: 'accrual' as const,
    amount_micros: -10,
    resource_type: '',
    resource_id: '',
    detail: '',
    at: '2026-03-01T12:00:00Z',
    entries: [
      { account: 'a', amount_micros: -10 },
      { account: 'b', amount_micros: 9 },
    ],
  };
  expect(isBalanced(item)).toBe(false);
  expect(isBalanced({ ...item, entries: [...item.entries, { account: 'c', amount_micros: 1 }] })).toBe(true);
});

test('what is available and what is held add up to what is settled, as shown', () => {
  const balance = makeBalance({
    available_micros: 9_986_700,
    held_micros: 12_500,
    settled_micros: 9_999_200,
  });
  expect(walletText(balance)).toEqual({ available: '$9.987', held: '$0.012', settled: '$9.999' });
});
