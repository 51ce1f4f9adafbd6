import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { adoptGrant, endSession, updateUser } from '@/lib/session';

export interface Credentials {
  email: string;
  password: string;
}

export const signInMutation = mutationOptions({
  mutationFn: (body: Credentials) => unwrap(http.POST('/v1/auth/login', { body })),
  onSuccess: adoptGrant,
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
