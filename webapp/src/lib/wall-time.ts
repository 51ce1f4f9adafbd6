/** What stands in a date and time field, which knows no zone, against the instant that it means in the reader's zone. */
import { appearance } from './appearance';

const PARTS = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
} as const;

/** "2026-03-01T13:00": the instant as a clock on the wall of that zone shows it. */
export function toWallTime(atMs: number, zone = appearance.get().timezone): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...PARTS,
    hourCycle: 'h23',
    timeZone: zone,
  }).formatToParts(atMs);
  const part = (type: keyof typeof PARTS) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** The instant, or null when the text is no time. Where a clock is put back, the earlier of the two. */
export function fromWallTime(text: string, zone = appearance.get().timezone): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return null;
  const asUtc = Date.parse(`${text.slice(0, 16)}Z`);
  if (Number.isNaN(asUtc)) return null;
  // The offset depends on the instant that is looked for: the second look corrects the first near a change of clocks.
  const offset = (atMs: number) => Date.parse(`${toWallTime(atMs, zone)}Z`) - atMs;
  return asUtc - offset(asUtc - offset(asUtc));
}
