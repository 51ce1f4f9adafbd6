import { describe, expect, test } from 'vitest';
import { ApiProblem } from '@/lib/problem';
import { explainEnd, explainFailure, explainGoogle } from './model';

const problem = (over: Partial<ConstructorParameters<typeof ApiProblem>[0]>) =>
  new ApiProblem({ status: 400, code: 'x', title: 'Bad request', ...over });

describe('a refused form', () => {
  test('is told beside the fields that the server names, and not above the form as well', () => {
    const errors = [
      { pointer: '/body/email', code: 'invalid', message: 'Not an address.' },
      { pointer: '/password', code: 'short', message: 'Too short.' },
    ];
    expect(explainFailure(problem({ status: 422, detail: 'Two fields.', errors }))).toEqual({
      fields: { email: 'Not an address.', password: 'Too short.' },
      summary: undefined,
    });
  });

  test('an address that is taken is told beside the email', () => {
    const { fields, summary } = explainFailure(problem({ status: 409, code: 'email_taken' }));
    expect(fields.email).toMatch(/already|exists/);
    expect(summary).toBeUndefined();
  });

  test('wrong credentials do not say which of the two is wrong', () => {
    const { fields, summary } = explainFailure(problem({ status: 401, code: 'wrong_credentials' }));
    expect(fields).toEqual({});
    expect(summary).toBe('This email and password do not match an account.');
  });

  test('too many attempts name the wait, where the server does', () => {
    expect(explainFailure(problem({ status: 429, retryAfterS: 90 })).summary).toBe(
      'Too many attempts. Try again in 1m.',
    );
    expect(explainFailure(problem({ status: 429 })).summary).toBe('Too many attempts. Try again later.');
  });

  test('a code without words of its own reads as the server says it', () => {
    expect(explainFailure(problem({ detail: 'The moon is full.' })).summary).toBe('The moon is full.');
    expect(explainFailure(problem({})).summary).toBe('Bad request');
  });

  test.each(['no_email', 'proof_link_gone', 'reset_link_gone'])('%s says what to do', (code) => {
    expect(explainFailure(problem({ status: 409, code })).summary).toMatch(/Contact|Request/);
  });
});

test('the end of a session says why, as far as that is known, and how to continue', () => {
  expect(explainEnd('expired')).toMatch(/30 days/);
  expect(explainEnd('reused')).toMatch(/change your password/);
  for (const why of [undefined, 'moon', 'signed_out', 'password_changed']) {
    expect(explainEnd(why)).toMatch(/Sign in to continue where you left off\.$/);
  }
  expect(explainEnd('moon')).toBe(explainEnd(undefined));
});

test('a sign-in with Google that failed says why, or that it failed', () => {
  expect(explainGoogle('google_refused')).toBe('Google did not confirm your identity.');
  expect(explainGoogle('toString')).toBe('The sign-in failed.');
});
