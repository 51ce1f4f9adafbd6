import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { recheckIdentity } from '@/features/identity';
import { asProblem } from '@/lib/problem';

const MAX_RETRIES = 2;
/** Beyond this the page says what is wrong instead of waiting in silence. */
const LONGEST_SILENT_WAIT_S = 10;

/** Retry what may pass by itself; a refusal will not. */
function worthRetrying(failures: number, error: unknown): boolean {
  const problem = asProblem(error);
  const waitS = problem.retryAfterS ?? 0;
  return (
    failures < MAX_RETRIES && problem.retryable && problem.status !== 429 && waitS <= LONGEST_SILENT_WAIT_S
  );
}

/** Never before the server wants to hear from us again. */
function retryDelayMs(failures: number, error: unknown): number {
  return 1000 * Math.max(2 ** failures, asProblem(error).retryAfterS ?? 0);
}

export function createQueries(): QueryClient {
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: onRefusal }),
    mutationCache: new MutationCache({ onError: onRefusal }),
    defaultOptions: {
      // Failing at once when offline keeps the last data on the page and the reason beside it.
      queries: { retry: worthRetrying, retryDelay: retryDelayMs, networkMode: 'always', staleTime: 2_000 },
      // Never queued for later: an order for money must not leave by itself when the network comes back.
      mutations: { retry: false, networkMode: 'always' },
    },
  });

  /** A role may have changed: what it no longer allows must go from the page. See followSession. */
  function onRefusal(error: unknown): void {
    if (asProblem(error).status === 403) void recheckIdentity(queries);
  }
  return queries;
}
