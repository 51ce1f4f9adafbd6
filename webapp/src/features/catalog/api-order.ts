/** Quotes and orders; apart from what first load needs. */

import { mutationOptions, queryOptions } from '@tanstack/react-query';
import { http, idempotencyKey, unwrap } from '@/lib/http';
import type { QuoteRequest, VmRequest } from '@/types/domain';

/** A quote is a promise with an expiry, not a fact to cache: `round` asks for a new one. */
export const quoteQuery = (request: QuoteRequest | null, round: number) =>
  queryOptions({
    queryKey: ['quote', request, round],
    queryFn: ({ signal }) =>
      unwrap(http.POST('/v1/billing/quotes', { body: request as QuoteRequest, signal })),
    enabled: request !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });

export const deployMutation = mutationOptions({
  mutationFn: ({ body, key }: { body: VmRequest; key: string }) =>
    unwrap(http.POST('/v1/resources/vms', { body, headers: idempotencyKey(key) })),
});
