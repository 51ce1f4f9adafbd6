/** Small codecs for search parameters; a schema library would cost 13 KB of first load. */

/** One of a fixed set of words, or the default for anything else. */
export function oneOf<const T extends readonly string[]>(
  value: unknown,
  allowed: T,
  fallback: T[number],
): T[number] {
  return typeof value === 'string' && allowed.includes(value) ? value : fallback;
}

export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A path of this site to come back to; anything that could lead elsewhere becomes undefined. */
export function localPath(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith('/') || /^\/[/\\]/.test(value)) return undefined;
  const url = new URL(value, 'http://local.invalid');
  return url.origin === 'http://local.invalid' ? url.pathname + url.search + url.hash : undefined;
}

/** The same object without keys whose value is the default, so that URLs stay short. */
export function withoutDefaults<T extends object>(search: T, defaults: Partial<T>): Partial<T> {
  const kept = Object.entries(search).filter(
    ([key, value]) => value !== undefined && value !== defaults[key as keyof T],
  );
  return Object.fromEntries(kept) as Partial<T>;
}
