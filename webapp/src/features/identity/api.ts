import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { adoptGrant, bearer, endSession, refreshSession, updateUser } from '@/lib/session';

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

/** The page forgets the account whether or not the server answers; the cookie dies with its family or its expiry. */
export async function signOut(queries: QueryClient): Promise<void> {
  try {
    await unwrap(http.POST('/v1/auth/logout'));
  } finally {
    endSession();
    queries.clear();
  }
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    const user = await unwrap(http.GET('/v1/auth/me', { signal }));
    updateUser(user);
    return user;
  },
});

let asking: Promise<void> | null = null;
/** The token that came in answer to a refusal. It carries its role, so a refusal under it tells nothing new. */
let confirmed: string | null = null;

/**
 * Ask again who the reader is: a new token with the role of now, then the account itself. The session follows what
 * comes back, and ends when the refresh is refused. Refusals at the same time share one question.
 */
export function askWhoAgain(queries: QueryClient): Promise<void> {
  // Pages left behind may still be refused after sign-out: that is no question of who the reader is.
  if (bearer() === null || bearer() === confirmed) return Promise.resolve();
  asking ??= (async () => {
    if (await refreshSession()) return;
    confirmed = bearer();
    await queries.fetchQuery({ ...meQuery, staleTime: 0 }).catch(() => undefined);
  })().finally(() => {
    asking = null;
  });
  return asking;
}

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/auth/providers', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});
