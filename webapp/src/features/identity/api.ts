import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { bearer, endSession, refreshSession, updateUser } from '@/lib/session';

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
export function recheckIdentity(queries: QueryClient): Promise<void> {
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
