/** Keys that make a repeated order one order. */
import { asProblem } from './problem';

function randomKey(): string {
  // crypto.randomUUID exists only on secure origins; getRandomValues is everywhere.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A single-use key for one call. */
export const newIdempotencyKey = randomKey;

/**
 * Keeps the key of an order while its outcome is unknown: the same body after a lost answer goes out under the same
 * key, so the server does it once. A settled outcome or another body gets a new one.
 */
export function createOrderKeys() {
  let last: { body: string; key: string } | null = null;
  return {
    keyFor(body: unknown): string {
      const json = JSON.stringify(body);
      if (last?.body !== json) last = { body: json, key: randomKey() };
      return last.key;
    },
    settle(error?: unknown): void {
      if (error === undefined || !asProblem(error).isUncertain) last = null;
    },
  };
}

/** `send` as a mutation that, pressed again after a lost answer, is still done once. */
export function onceEach<Body, Result>(
  send: (body: Body, key: string) => Promise<Result>,
): (body: Body) => Promise<Result> {
  const keys = createOrderKeys();
  return async (body) => {
    try {
      const result = await send(body, keys.keyFor(body));
      keys.settle();
      return result;
    } catch (error) {
      keys.settle(error);
      throw error;
    }
  };
}
