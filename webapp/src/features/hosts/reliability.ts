/** A host's reliability in words: one that is new has no record yet, whatever its score. */
import { counted } from '@/lib/quantity';
import { formatSpan, secondsSince } from '@/lib/time';
import type { Offer } from '@/types/domain';

type Watched = Pick<Offer, 'reliability' | 'enrolled_at'>;

const DAY_S = 86_400;
const PROVISIONAL_DAYS = 7;

export interface ReliabilityLook {
  value: string;
  note: string;
}

/** Whether it is watched for too short a time for its score to mean anything. */
export function isNew({ reliability, enrolled_at }: Watched, nowMs: number): boolean {
  return reliability?.provisional ?? secondsSince(enrolled_at, nowMs) < PROVISIONAL_DAYS * DAY_S;
}

/** The score is cut to two digits by the server: fewer would round it up. */
const percent = (value: number): string => `${value.toFixed(2)}%`;

export function reliabilityLook(host: Watched, nowMs: number): ReliabilityLook {
  const { reliability, enrolled_at } = host;
  const watchedS = secondsSince(enrolled_at, nowMs);
  if (isNew(host, nowMs)) {
    const seen = reliability?.downtimes ? `, ${counted(reliability.downtimes, 'outage')}` : '';
    return { value: 'New', note: `monitored for ${formatSpan(watchedS)}${seen}` };
  }
  if (!reliability) return { value: '—', note: 'not scored yet' };
  const days = Math.min(reliability.window_days, Math.floor(watchedS / DAY_S));
  return {
    value: percent(reliability.score_percent),
    note: `${percent(reliability.uptime_percent)} uptime over ${days}d`,
  };
}

/** For sorting: by score, with those that have none yet behind all others. */
export const reliabilityOrder = (host: Watched, nowMs: number): number =>
  isNew(host, nowMs) ? -1 : (host.reliability?.score_percent ?? -1);

/** "New, watched for 15m", "Reliability 99.95%, 99.98% up over 30d". */
export function reliabilityText(host: Watched, nowMs: number): string {
  const { value, note } = reliabilityLook(host, nowMs);
  if (isNew(host, nowMs)) return `${value}, ${note}`;
  return value === '—' ? `Reliability ${note}` : `Reliability ${value}, ${note}`;
}
