import { mutationOptions, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';

export const MACHINES_INTERVAL_MS = 10_000;

export const machinesQuery = queryOptions({
  queryKey: ['provider', 'hosts'],
  queryFn: ({ signal }) =>
    unwrap(http.GET('/v1/provider/hosts', { params: { query: { limit: 200 } }, signal })),
  refetchInterval: MACHINES_INTERVAL_MS,
});

export const enrollmentCodeMutation = mutationOptions({
  mutationFn: () => unwrap(http.POST('/v1/provider/enrollment-codes', { body: {} })),
});
