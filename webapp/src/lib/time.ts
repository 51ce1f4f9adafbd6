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

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** "15:42:34" in the reader's zone. */
export const formatClock = (at: number | string): string => clock.format(new Date(at));
/** "23 Nov 2025, 15:42:34" in the reader's zone. */
export const formatDateTime = (at: number | string): string => dateTime.format(new Date(at));
/** "23 Nov 2025, 15:42" in the reader's zone. */
export const formatDay = (at: number | string): string => day.format(new Date(at));

export function secondsSince(at: string, now = serverNow()): number {
  return (now - Date.parse(at)) / 1_000;
}
