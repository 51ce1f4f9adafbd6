import { mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { type Appearance, appearance } from '@/lib/appearance';
import { http, ifMatch, unwrap } from '@/lib/http';
import { asProblem } from '@/lib/problem';
import type { Preferences } from '@/types/domain';

export const preferencesQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/auth/settings', { signal })),
  staleTime: 60_000,
});

const SAVE = 'save-preferences';

const put = (body: Preferences, version: number) =>
  unwrap(http.PUT('/v1/auth/settings', { body, headers: ifMatch({ version }) }));

/**
 * Settings are stored whole. When they were changed elsewhere meanwhile, what was chosen there is kept and this choice
 * is put on top of it, once.
 */
async function store(client: QueryClient, change: Partial<Appearance>) {
  const known = await client.ensureQueryData(preferencesQuery);
  try {
    return await put(appearance.get(), known.version);
  } catch (error) {
    if (asProblem(error).status !== 412) throw error;
  }
  const { version, theme, density, language, timezone } = await client.fetchQuery({
    ...preferencesQuery,
    staleTime: 0,
  });
  return put({ theme, density, language, timezone, ...change }, version);
}

export const savePreferencesMutation = mutationOptions({
  mutationKey: [SAVE],
  mutationFn: (change: Partial<Appearance>, { client }) => store(client, change),
  // One after the other: each has to know the version that the one before it made.
  scope: { id: 'preferences' },
  onSuccess: (stored, _change, _result, { client }) => {
    // A later choice may be on its way: the version is the server's, what is in force is the last choice.
    const waits = client.isMutating({ mutationKey: [SAVE] }) > 1;
    client.setQueryData(preferencesQuery.queryKey, waits ? { ...stored, ...appearance.get() } : stored);
  },
});
