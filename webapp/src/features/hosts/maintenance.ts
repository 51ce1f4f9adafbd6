/** A maintenance window as a form holds it: times on the wall of the reader's zone. */
import { fromWallTime, toWallTime } from '@/lib/wall-time';
import type { Host, HostChange } from '@/types/domain';

export interface WindowForm {
  starts: string;
  ends: string;
  reason: string;
}

type WindowBody = NonNullable<HostChange['maintenance']>;

const STEP_MS = 300_000;
const LENGTH_MS = 7_200_000;
const LONGEST_MS = 30 * 86_400_000;

/** The window that is set, or two hours from the next five minutes on. */
export function windowForm({ maintenance }: Pick<Host, 'maintenance'>, nowMs: number): WindowForm {
  if (maintenance) {
    return {
      starts: toWallTime(Date.parse(maintenance.starts_at)),
      ends: toWallTime(Date.parse(maintenance.ends_at)),
      reason: maintenance.reason,
    };
  }
  const starts = Math.ceil(nowMs / STEP_MS) * STEP_MS;
  return { starts: toWallTime(starts), ends: toWallTime(starts + LENGTH_MS), reason: '' };
}

export type WindowErrors = Partial<Record<'starts_at' | 'ends_at' | 'reason', string>>;

export function readWindow(form: WindowForm, nowMs: number): { body: WindowBody } | { errors: WindowErrors } {
  const starts = fromWallTime(form.starts);
  const ends = fromWallTime(form.ends);
  const errors: WindowErrors = {};
  if (starts === null) errors.starts_at = 'Enter a date and time.';
  if (ends === null) errors.ends_at = 'Enter a date and time.';
  else if (ends <= nowMs) errors.ends_at = 'The end is in the past.';
  else if (starts !== null && ends <= starts) errors.ends_at = 'The end must be after the start.';
  else if (starts !== null && ends - starts > LONGEST_MS) errors.ends_at = 'A window lasts at most 30 days.';
  if (!form.reason.trim()) errors.reason = 'Enter a reason.';
  if (starts === null || ends === null || Object.keys(errors).length) return { errors };
  return {
    body: {
      starts_at: new Date(starts).toISOString(),
      ends_at: new Date(ends).toISOString(),
      reason: form.reason.trim(),
    },
  };
}
