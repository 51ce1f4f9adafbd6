import type { Accrual, Balance } from '@/types/domain';
import { at } from './clock';

export const makeBalance = (over: Partial<Balance> = {}): Balance => ({
  settled_micros: 10_000_000,
  held_micros: 20_000,
  available_micros: 9_980_000,
  burn_nanos_per_hour: 21_000_000,
  runway_s: 86_400 * 19,
  empties_at: at(86_400_000 * 19),
  status: 'ok',
  currency: 'USD',
  as_of: at(),
  ...over,
});

export const makeAccrual = (over: Partial<Accrual> = {}): Accrual => ({
  allocation_id: 'alc_1',
  segment: 0,
  k: 0,
  started_at: at(),
  ended_at: at(2_000),
  rate_nanos_per_hour: 3_600_000_000,
  amount_micros: 2_000,
  transaction_id: 'txn_1',
  ...over,
});
