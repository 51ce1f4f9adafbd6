/** What the forms of the pages outside the console send; apart from what first load needs. */
import { mutationOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { adoptGrant } from '@/lib/session';

export interface Credentials {
  email: string;
  password: string;
}

export const signInMutation = mutationOptions({
  mutationFn: (body: Credentials) => unwrap(http.POST('/v1/auth/login', { body })),
  onSuccess: adoptGrant,
});

export const signInOperatorMutation = mutationOptions({
  mutationFn: (body: Credentials) => unwrap(http.POST('/v1/auth/admin/direct', { body })),
  onSuccess: adoptGrant,
});

export const forgotPasswordMutation = mutationOptions({
  mutationFn: (body: { email: string }) => unwrap(http.POST('/v1/auth/password/forgot', { body })),
});

/** Every session of the account ends with it, this page's included. */
export const resetPasswordMutation = mutationOptions({
  mutationFn: (body: { token: string; password: string }) =>
    unwrap(http.POST('/v1/auth/password/reset', { body })),
});

export const confirmEmailMutation = mutationOptions({
  mutationFn: (token: string) => unwrap(http.POST('/v1/auth/email/confirm', { body: { token } })),
  // The account says so, and its balance may hold a starting credit now.
  onSuccess: (_data, _token, _result, { client }) => client.invalidateQueries(),
});

export const registerMutation = mutationOptions({
  mutationFn: (body: Credentials & { name: string }) => unwrap(http.POST('/v1/auth/register', { body })),
  onSuccess: adoptGrant,
});
