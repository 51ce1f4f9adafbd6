import type { ApiProblem } from '@/lib/problem';
import { messagesByField } from '@/lib/problem';
import type { SshKey } from '@/types/domain';

/** Last used first, then newest: what the reader most likely wants to pick. */
export function byLastUse(keys: readonly SshKey[]): SshKey[] {
  const rank = (key: SshKey) => Date.parse(key.last_used_at ?? '') || 0;
  return [...keys].sort((a, b) => rank(b) - rank(a) || Date.parse(b.created_at) - Date.parse(a.created_at));
}

/** As the API takes a name of a key. */
export const MAX_KEY_NAME_CHARS = 100;

/**
 * A pasted key as it was meant: without invisible characters, one plain space for any blanks between its words. Files
 * bring byte order marks, web pages no-break spaces, tables tabs.
 */
export const normaliseKey = (text: string): string =>
  text
    .replace(/\p{Cf}/gu, '')
    .trim()
    .replace(/[\t\p{Zs}]+/gu, ' ');

/** The comment at the end of a public key, which is usually its name. */
export function nameFromKey(publicKey: string): string | undefined {
  const comment = normaliseKey(publicKey).split(' ').slice(2).join(' ');
  return comment.slice(0, MAX_KEY_NAME_CHARS).trim() || undefined;
}

/** Whether this holds, even in part, the half of the pair that must not leave its owner's machine. */
export const looksPrivate = (text: string): boolean =>
  /PRIVATE KEY|PuTTY-User-Key-File-|b3BlbnNzaC1rZXktdjE/.test(text);

export function explainKeyFailure(problem: ApiProblem): { fields: Record<string, string>; summary?: string } {
  const fields = messagesByField(problem);
  if (problem.status === 409) fields.public_key ??= problem.detail ?? 'You already added this key.';
  return Object.keys(fields).length ? { fields } : { fields, summary: problem.detail ?? problem.title };
}
