import { queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { listQuery } from '@/lib/pages';

export const BALANCE_INTERVAL_MS = 30_000;
const PAGE_SIZE = 50;

export const balanceQuery = queryOptions({
  queryKey: ['billing', 'balance'],
  queryFn: ({ signal }) => unwrap(http.GET('/v1/billing/balance', { signal })),
  staleTime: 5_000,
  refetchInterval: BALANCE_INTERVAL_MS,
});

export const ledgerQuery = listQuery({
  queryKey: ['billing', 'ledger'],
  read: (from, signal) =>
    unwrap(
      http.GET('/v1/billing/ledger', {
        params: { query: { limit: PAGE_SIZE, ...from } },
        signal,
      }),
    ),
});

export const accrualsQuery = (allocationId: string) =>
  listQuery({
    queryKey: ['billing', 'accruals', allocationId],
    read: (from, signal) =>
      unwrap(
        http.GET('/v1/billing/accruals', {
          params: {
            query: {
              allocation_id: allocationId,
              limit: PAGE_SIZE,
              ...from,
            },
          },
          signal,
        }),
      ),
    refetchInterval: 60_000,
  });
