import { type ApiProblem, messagesByField } from '@/lib/problem';
import { formatSpan } from '@/lib/time';

export const PASSWORD_MIN_LENGTH = 12;

export interface FormFailure {
  /** Beside the fields that caused it. */
  fields: Record<string, string>;
  /** Above the form, when no field is to blame. */
  summary: string | undefined;
}

const SUMMARIES: Record<string, string> = {
  wrong_credentials: 'This email and password do not match an account.',
  no_email: 'This platform does not send email. Contact its operator.',
  proof_link_gone:
    'This link was already used, has expired after a day, or is incomplete. Request a new one in Settings.',
  reset_link_gone:
    'This link was already used, has expired after 30 minutes, or is incomplete. Request a new one.',
};

const GOOGLE_PROBLEMS: Record<string, string> = {
  google_not_configured: 'Signing in with Google is not set up here.',
  google_refused: 'Google did not confirm your identity.',
  google_email_unverified: 'Your email address is not verified with Google.',
  google_email_taken: 'An account with this email exists. Sign in with its password.',
  google_state_lost: 'The sign-in took too long or was started in another browser. Try again.',
};

/** Why a sign-in elsewhere brought nobody back; the code comes in the address. */
export const explainGoogle = (code: string): string =>
  (Object.hasOwn(GOOGLE_PROBLEMS, code) && GOOGLE_PROBLEMS[code]) || 'The sign-in failed.';

const ENDS: Record<string, string> = {
  expired: 'You were signed out after 30 days of inactivity.',
  signed_out: 'You were signed out from another device or browser.',
  password_changed: 'You were signed out because the password of this account was changed.',
  reused:
    'You were signed out because a copy of your session was used elsewhere. If that was not you, change your password after signing in.',
};

/** Why a session is over, and what to do. */
export const explainEnd = (why: string | undefined): string =>
  `${ENDS[why ?? ''] ?? 'Your session has ended.'} Sign in to continue where you left off.`;

/** Turns a refusal of sign-in or registration into words at the right place. */
export function explainFailure(problem: ApiProblem): FormFailure {
  const fields = messagesByField(problem);
  if (problem.code === 'email_taken') fields.email ??= 'An account with this email exists. Sign in instead.';
  if (Object.keys(fields).length) return { fields, summary: undefined };
  if (problem.status === 429) {
    const wait = problem.retryAfterS
      ? ` Try again in ${formatSpan(problem.retryAfterS)}.`
      : ' Try again later.';
    return { fields, summary: `Too many attempts.${wait}` };
  }
  return { fields, summary: SUMMARIES[problem.code] ?? problem.detail ?? problem.title };
}
