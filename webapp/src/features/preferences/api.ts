import { mutationOptions, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import type { Preferences } from '@/types/domain';

export const preferencesQuery = queryOptions({
  queryKey: ['preferences'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/auth/settings', { signal })),
  staleTime: 60_000,
});

export const savePreferencesMutation = mutationOptions({
  mutationFn: (body: Preferences) => unwrap(http.PUT('/v1/auth/settings', { body })),
  // One after the other: the server keeps what it is told last.
  scope: { id: 'preferences' },
});
