/**
 * Small codecs for search parameters; a schema library would cost 13 KB of first load. A parser names each of its
 * parameters, `undefined` where it is not chosen: the router leaves as it stands in the address what a parser leaves out.
 */

/** One of a fixed set of words, or the default for anything else. */
export function oneOf<const T extends readonly string[]>(
  value: unknown,
  allowed: T,
  fallback: T[number],
): T[number] {
  return typeof value === 'string' && allowed.includes(value) ? value : fallback;
}

/** A tab by its name; undefined for the first, which the address does not name, and for anything else. */
export const tabOf = <Tab extends string>(
  value: unknown,
  tabs: Readonly<Record<Tab, string>>,
): Tab | undefined => (Object.keys(tabs) as Tab[]).slice(1).find((tab) => tab === value);

export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A whole number above nought. */
export const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

/** A path of this site to come back to; anything that could lead elsewhere becomes undefined. */
export function localPath(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith('/') || /^\/[/\\]/.test(value)) return undefined;
  const url = new URL(value, 'http://local.invalid');
  return url.origin === 'http://local.invalid' ? url.pathname + url.search + url.hash : undefined;
}
