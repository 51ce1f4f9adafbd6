import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNow, useSettled } from '@/lib/hooks';
import type { Quote, QuoteRequest } from '@/types/domain';
import { quoteQuery } from '../api-order';
import { answers, secondsLeft } from '../model';

const DEBOUNCE_MS = 350;

export interface QuoteState {
  /** The last quote there is, perhaps for an earlier size. */
  quote: Quote | undefined;
  /** The quote is for what the form says and has not run out. */
  valid: boolean;
  expired: boolean;
  leftS: number;
  loading: boolean;
  error: unknown;
  renew: () => void;
}

/** Asks for a server quote once the form rests; never computes a price itself. */
export function useQuote(request: QuoteRequest | null): QuoteState {
  const [round, setRound] = useState(0);
  // Settled as text: the request object is new on every render.
  const settled = useSettled(JSON.stringify(request), DEBOUNCE_MS);
  const query = useQuery({
    ...quoteQuery(JSON.parse(settled) as QuoteRequest | null, round),
    placeholderData: keepPreviousData,
  });
  const now = useNow(query.data !== undefined);
  const quote = query.data;
  const leftS = quote ? secondsLeft(quote, now) : 0;
  const current = answers(quote, request) && !query.isPlaceholderData;
  return {
    quote,
    valid: current && leftS > 0,
    expired: current && leftS <= 0,
    leftS,
    loading: query.isFetching || (request !== null && JSON.stringify(request) !== settled),
    error: query.isError ? query.error : undefined,
    renew: () => setRound((value) => value + 1),
  };
}
