import type { Host } from '@/types/domain';

/** A machine that was not there when the code was made: the one that used it. */
export function newcomer(
  hosts: readonly Host[] | undefined,
  knownIds: ReadonlySet<string>,
): Host | undefined {
  return hosts?.find((host) => !knownIds.has(host.id));
}

export const codeSecondsLeft = (expiresAt: string, nowMs: number): number =>
  Math.max(0, (Date.parse(expiresAt) - nowMs) / 1_000);
