import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';

export const BALANCE_INTERVAL_MS = 30_000;
const PAGE_SIZE = 50;

export const balanceQuery = queryOptions({
  queryKey: ['billing', 'balance'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/billing/balance', { signal })),
  staleTime: 5_000,
  refetchInterval: BALANCE_INTERVAL_MS,
});

export const ledgerQuery = infiniteQueryOptions({
  queryKey: ['billing', 'ledger'],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      http.GET('/v1/billing/ledger', {
        params: { query: { limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor || undefined,
});

export const accrualsQuery = (allocationId: string) =>
  infiniteQueryOptions({
    queryKey: ['billing', 'accruals', allocationId],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        http.GET('/v1/billing/accruals', {
          params: {
            query: {
              allocation_id: allocationId,
              limit: PAGE_SIZE,
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
    refetchInterval: 60_000,
  });
