import { queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { readPage } from '@/lib/pages';

export const sshKeysQuery = queryOptions({
  queryKey: ['ssh-keys'],
  queryFn: ({ signal }) =>
    readPage((from) =>
      unwrap(http.GET('/v1/auth/ssh-keys', { params: { query: { limit: 200, ...from } }, signal })),
    ),
  staleTime: 60_000,
});
