/**
 * The only place where money becomes text.
 *
 * Amounts are integer micro-dollars, rates are integer nano-dollars per hour, as the API sends them. Arithmetic is done
 * in BigInt, so no total loss a micro-dollar to a float.
 */
export type Integer = number | bigint;

export const HOURS_PER_MONTH = 730;

const MICROS_PER_DOLLAR = 1_000_000n;
const NANOS_PER_MICRO = 1_000n;
const MS_PER_HOUR = 3_600_000n;
const NANO_DIGITS = 9;

/** Throws on a float or an integer that a double cannot hold exactly: a wrong amount is worse than none. */
export function toBigInt(value: Integer): bigint {
  if (typeof value === 'bigint') return value;
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an exact integer amount: ${value}`);
  return BigInt(value);
}

/** Exact sum of micro-dollar amounts. */
export function sumMicros(amounts: Iterable<Integer>): bigint {
  let total = 0n;
  for (const amount of amounts) total += toBigInt(amount);
  return total;
}

/** Cost of running at a rate for a time, floored to the micro-dollar as the ledger floors it. */
export function accruedMicros(rateNanosPerHour: Integer, elapsedMs: number): bigint {
  const elapsed = BigInt(Math.max(0, Math.floor(elapsedMs)));
  return (toBigInt(rateNanosPerHour) * elapsed) / MS_PER_HOUR / NANOS_PER_MICRO;
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `scaled` counts units of 10^-decimals dollars and is not negative. */
function dollars(scaled: bigint, decimals: number): string {
  const digits = scaled.toString().padStart(decimals + 1, '0');
  const whole = group(digits.slice(0, digits.length - decimals));
  return decimals ? `$${whole}.${digits.slice(-decimals)}` : `$${whole}`;
}

/** Two decimals from ten cents up, three below; below a tenth of a cent as many as it takes not to read as nothing. */
function placesFor(size: bigint): number {
  if (size === 0n || size >= 100_000_000n) return 2;
  if (size >= 1_000_000n) return 3;
  return size >= 1_000n ? 6 : 9;
}

const sizeOf = (nanos: bigint): bigint => (nanos < 0n ? -nanos : nanos);
const unitOf = (places: number): bigint => 10n ** BigInt(NANO_DIGITS - places);

/** The one rounding of this console: to the nearest, halves away from zero. In units of 10^-places dollars. */
function round(size: bigint, places: number): bigint {
  const unit = unitOf(places);
  return (size + unit / 2n) / unit;
}

function fromNanoDollars(nanos: bigint, places?: number): string {
  const size = sizeOf(nanos);
  const shown = places ?? placesFor(size);
  const text = dollars(round(size, shown), shown);
  return (nanos < 0n ? '−' : '') + (places === undefined && shown > 3 ? text.replace(/0+$/, '') : text);
}

/** How many decimals an amount needs where it stands alone: two at least, and none that says nothing. */
function neededPlaces(nanos: bigint): number {
  let places = placesFor(sizeOf(nanos));
  let scaled = round(sizeOf(nanos), places);
  while (places > 2 && scaled % 10n === 0n) {
    scaled /= 10n;
    places -= 1;
  }
  return places;
}

export const toNanos = (micros: Integer): bigint => toBigInt(micros) * NANOS_PER_MICRO;

/** The decimals that amounts in nano-dollars share where they stand in one column: as many as the finest needs. */
export function sharedPlaces(amounts: Iterable<Integer | null | undefined>): number {
  let places = 2;
  for (const nanos of amounts) if (nanos != null) places = Math.max(places, neededPlaces(toBigInt(nanos)));
  return places;
}

export interface Parts {
  parts: string[];
  total: string;
}

/**
 * Amounts in nano-dollars and their total, with the same decimals, such that the parts as shown add up to the total as
 * shown: the total is rounded like any amount, and what rounding the parts down leaves goes to the largest remainders.
 */
export function formatParts(amounts: readonly Integer[]): Parts {
  const exact = amounts.map(toBigInt);
  const sum = exact.reduce((all, one) => all + one, 0n);
  const places = sharedPlaces([...exact, sum]);
  const unit = unitOf(places);
  const total = (sum < 0n ? -1n : 1n) * round(sizeOf(sum), places);
  const floors = exact.map((one) => (one - (((one % unit) + unit) % unit)) / unit);
  const left = Number(total - floors.reduce((all, one) => all + one, 0n));
  const byRemainder = exact
    .map((one, index) => ({ index, remainder: one - (floors[index] ?? 0n) * unit }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1));
  const raised = new Set(byRemainder.slice(0, left).map(({ index }) => index));
  const show = (scaled: bigint) => fromNanoDollars(scaled * unit, places);
  return {
    parts: floors.map((one, index) => show(raised.has(index) ? one + 1n : one)),
    total: show(total),
  };
}

/** "$9.98". Amounts in one column are given the same number of places. */
export function formatMicros(micros: Integer, places?: number): string {
  return fromNanoDollars(toNanos(micros), places);
}

/** "$0.012345": every micro-dollar, for the ledger and for costs that tick. */
export function formatMicrosExact(micros: Integer): string {
  return fromNanoDollars(toNanos(micros), 6);
}

/** "+$10.000000" or "−$0.000213": a change of a wallet. */
export function formatChange(micros: Integer): string {
  const value = toBigInt(micros);
  return `${value > 0n ? '+' : ''}${formatMicrosExact(value)}`;
}

/** "$0.021", to which the caller adds "/hr". */
export function formatRate(nanosPerHour: Integer, places?: number): string {
  return fromNanoDollars(toBigInt(nanosPerHour), places);
}

/** "$15.33": a rate over a month of 730 hours. */
export function formatMonthly(nanosPerHour: Integer): string {
  const nanos = toBigInt(nanosPerHour) * BigInt(HOURS_PER_MONTH);
  const roundDollars = nanos >= 1_000n * MICROS_PER_DOLLAR * NANOS_PER_MICRO;
  return fromNanoDollars(nanos, roundDollars ? 0 : undefined);
}

/** "0.0123" dollars an hour as nano-dollars, without floating point; null when it is no rate. */
export function parseRate(text: string): number | null {
  const match = /^\$?(\d{1,6})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (!match) return null;
  return Number((match[1] ?? '') + (match[2] ?? '').padEnd(NANO_DIGITS, '0'));
}

/** A rate as a field holds it: every digit that counts and none more, "0.0123". */
export function rateInput(nanosPerHour: Integer): string {
  const text = dollars(toBigInt(nanosPerHour), NANO_DIGITS).replaceAll(/[$,]/g, '');
  return text.replace(/0+$/, '').replace(/\.$/, '');
}

/** How far a rate lies above (or, negative, below) another, in whole percent; null against nothing. */
export function percentAbove(rate: Integer, reference: Integer): number | null {
  const base = toBigInt(reference);
  if (base <= 0n) return null;
  const difference = (toBigInt(rate) - base) * 100n;
  const half = difference < 0n ? -base / 2n : base / 2n;
  return Number((difference + half) / base);
}

/** Where a rate stands on the way from one to another, from 0 to 1; for drawing only. */
export function shareBetween(rate: Integer, low: Integer, high: Integer): number {
  const way = toBigInt(high) - toBigInt(low);
  if (way <= 0n) return 0.5;
  const part = Number(((toBigInt(rate) - toBigInt(low)) * 10_000n) / way) / 10_000;
  return Math.min(1, Math.max(0, part));
}

/** Rate of a quantity given in parts, such as MiB billed by the GiB. Floored like the server's own arithmetic. */
export function scaledRate(unitNanosPerHour: Integer, quantity: number, partsPerUnit = 1): bigint {
  return (toBigInt(unitNanosPerHour) * toBigInt(quantity)) / toBigInt(partsPerUnit);
}
