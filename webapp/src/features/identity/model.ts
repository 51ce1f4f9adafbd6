import { type ApiProblem, messagesByField } from '@/lib/problem';
import { formatSpan } from '@/lib/time';

export const PASSWORD_MIN_LENGTH = 12;
export const HOME = '/catalog';

export interface FormFailure {
  /** Beside the fields that caused it. */
  fields: Record<string, string>;
  /** Above the form, when no field is to blame. */
  summary: string | undefined;
}

const SUMMARIES: Record<string, string> = {
  wrong_credentials: 'This email and password do not match an account.',
};

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
