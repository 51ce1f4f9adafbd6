import { appearance } from './appearance';

/** Clock, durations and dates. "Now" is the server's: a reader whose clock is wrong must not see wrong ages or costs. */
let skewMs = 0;
const SKEW_NOISE_MS = 2_000;

/** Learn the server's clock from a response's Date header, which counts whole seconds. */
export function noteServerDate(header: string | null): void {
  const server = header ? Date.parse(header) : Number.NaN;
  if (Number.isNaN(server)) return;
  const skew = server + 500 - Date.now();
  skewMs = Math.abs(skew) > SKEW_NOISE_MS ? skew : 0;
}

export function serverNow(): number {
  return Date.now() + skewMs;
}

/** "2d 7h", "1h 12m", "12m", "45s": the two largest units, minutes and hours without seconds. */
export function formatSpan(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const days = Math.floor(s / 86_400);
  const hours = Math.floor((s % 86_400) / 3_600);
  const minutes = Math.floor((s % 3_600) / 60);
  if (days >= 10_000) return 'over 27 years';
  if (days >= 14) return `${days}d`;
  if (days) return hours ? `${days}d ${hours}h` : `${days}d`;
  if (hours) return minutes ? `${hours}h ${minutes}m` : `${hours}h`;
  return minutes ? `${minutes}m` : `${s}s`;
}

/** "1h 02m 03s", "2m 05s", "45s": for what the reader watches tick. */
export function formatTicking(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const pad = (n: number) => String(n).padStart(2, '0');
  if (s >= 86_400) return formatSpan(s);
  if (s >= 3_600) return `${Math.floor(s / 3_600)}h ${pad(Math.floor((s % 3_600) / 60))}m ${pad(s % 60)}s`;
  return s >= 60 ? `${Math.floor(s / 60)}m ${pad(s % 60)}s` : `${s}s`;
}

/** "0.4 s", "12.3 s", "2m 05s": for steps of a start-up. */
export function formatElapsed(ms: number): string {
  return ms < 60_000 ? `${(Math.max(0, ms) / 1_000).toFixed(1)} s` : formatTicking(ms / 1_000);
}

/** "just now", "8s ago", "3h 2m ago". */
export function formatAge(seconds: number): string {
  return seconds < 2 ? 'just now' : `${formatSpan(seconds)} ago`;
}

const STYLES = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  dateTime: { dateStyle: 'medium', timeStyle: 'medium' },
  day: { dateStyle: 'medium', timeStyle: 'short' },
  minute: { hour: '2-digit', minute: '2-digit' },
  date: { day: 'numeric', month: 'short' },
} as const;

let made: { of: string; formats: Map<string, Intl.DateTimeFormat> } | undefined;

/** Making a format costs more than using it: each is made once per language and zone. */
function format(style: keyof typeof STYLES, at: number | string): string {
  const { language, timezone } = appearance.get();
  const of = `${language} ${timezone}`;
  if (made?.of !== of) made = { of, formats: new Map() };
  let known = made.formats.get(style);
  if (!known) {
    // A zone or language that this browser does not know, from an older copy of its database.
    const options: Intl.DateTimeFormatOptions = STYLES[style];
    try {
      known = new Intl.DateTimeFormat(localeTag(language), { ...options, timeZone: timezone });
    } catch {
      known = new Intl.DateTimeFormat('en-GB', options);
    }
    made.formats.set(style, known);
  }
  return known.format(new Date(at));
}

/** Plain English is written the international way: day first, 24 hours. */
function localeTag(language: string): string {
  return language === 'en' ? 'en-GB' : language;
}

/** "15:42:34" in the reader's zone. */
export const formatClock = (at: number | string): string => format('clock', at);
/** "23 Nov 2025, 15:42:34" in the reader's zone. */
export const formatDateTime = (at: number | string): string => format('dateTime', at);
/** "23 Nov 2025, 15:42" in the reader's zone. */
export const formatDay = (at: number | string): string => format('day', at);
/** "15:42" in the reader's zone. */
export const formatMinute = (at: number | string): string => format('minute', at);
/** "23 Nov" in the reader's zone. */
export const formatDate = (at: number | string): string => format('date', at);

export function secondsSince(at: string, now = serverNow()): number {
  return (now - Date.parse(at)) / 1_000;
}
