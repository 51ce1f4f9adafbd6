import { reasonText } from '@/features/hosts';
import { readable } from '@/lib/words';
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

/** What keeps a machine from being rented: its state's cause, or what it lacks. Undefined when nothing does. */
export function whyUnavailable(host: Host): string | undefined {
  if (!host.unavailable_reason) return undefined;
  if (host.unavailable_reason === 'no_virtualisation' && host.accelerator_note) return host.accelerator_note;
  return host.state === 'ready' ? reasonText(host.unavailable_reason) : readable(host.state_reason);
}
