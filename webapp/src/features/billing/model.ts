import { formatMicros, formatParts, formatRate, sumMicros, toNanos } from '@/lib/money';
import { formatSpan } from '@/lib/time';
import type { Balance, LedgerItem, TransactionKind } from '@/types/domain';

const DAY_S = 86_400;
const LOW_S = DAY_S;
const CRITICAL_S = 2 * 3_600;

export type RunwayTone = 'plain' | 'low' | 'critical';

/** Amber under a day, red under two hours or when nothing is left to spend. */
export function runwayTone(balance: Balance): RunwayTone {
  if (balance.status === 'empty' || balance.available_micros <= 0) return 'critical';
  if (balance.runway_s == null) return 'plain';
  if (balance.runway_s < CRITICAL_S) return 'critical';
  return balance.runway_s < LOW_S ? 'low' : 'plain';
}

/** Available and held as they add up to what is settled. */
export function walletText(balance: Balance) {
  const { parts, total } = formatParts([toNanos(balance.available_micros), toNanos(balance.held_micros)]);
  return { available: parts[0], held: parts[1], settled: total };
}

export interface RunwayText {
  available: string;
  burn: string | undefined;
  lasts: string | undefined;
}

/** "$9.98", "−$0.021/hr", "19d"; without burn there is nothing to last. */
export function runwayText(balance: Balance): RunwayText {
  const burning = balance.burn_nanos_per_hour > 0;
  return {
    available: formatMicros(balance.available_micros),
    burn: burning ? `−${formatRate(balance.burn_nanos_per_hour)}/hr` : undefined,
    lasts: burning && balance.runway_s != null ? formatSpan(balance.runway_s) : undefined,
  };
}

export const KIND_LABELS: Record<TransactionKind, string> = {
  starting_credit: 'Starting credit',
  hold: 'Hold',
  release: 'Hold released',
  accrual: 'Usage',
  settlement: 'Final settlement',
  payout: 'Payout',
  account_closed: 'Account closed',
};

/** Whether the entries of a transaction sum to zero, as every one must. */
export const isBalanced = (item: LedgerItem): boolean =>
  sumMicros(item.entries.map((entry) => entry.amount_micros)) === 0n;

/** Where in this console a ledger line's resource lives, if it has a page. */
export const isVm = (item: { resource_type?: string | null }): boolean => item.resource_type === 'vm';
