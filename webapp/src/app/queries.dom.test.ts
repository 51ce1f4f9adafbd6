import { afterEach, expect, test, vi } from 'vitest';
import { ApiProblem } from '@/lib/problem';
import { createQueries } from './queries';

const problem = (status: number, retryAfterS?: number) =>
  new ApiProblem({
    status,
    code: 'x',
    title: 'x',
    retryAfterS,
    ...(status === 429 ? { retryable: true } : {}),
  });

afterEach(() => vi.useRealTimers());

/** How often a query that fails so is asked, within a minute. */
async function asked(error: ApiProblem): Promise<number> {
  vi.useFakeTimers();
  const queries = createQueries();
  const queryFn = vi.fn(() => Promise.reject(error));
  const answer = queries.fetchQuery({
    queryKey: ['q'],
    queryFn,
    retry: queries.getDefaultOptions().queries?.retry ?? 0,
  });
  answer.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  queries.clear();
  return queryFn.mock.calls.length;
}

test('what may pass by itself is asked for again twice', async () => {
  expect(await asked(problem(503))).toBe(3);
  expect(await asked(problem(0))).toBe(3);
});

test('a refusal is not asked for again', async () => {
  expect(await asked(problem(404))).toBe(1);
  expect(await asked(problem(422))).toBe(1);
});

test('neither is what the server wants to be left alone with', async () => {
  expect(await asked(problem(429, 1))).toBe(1);
  expect(await asked(problem(503, 11))).toBe(1);
});

test('a retry waits as long as the server says', async () => {
  vi.useFakeTimers();
  const queries = createQueries();
  const delay = queries.getDefaultOptions().queries?.retryDelay as (n: number, e: unknown) => number;
  expect(delay(0, problem(503))).toBe(1_000);
  expect(delay(2, problem(503))).toBe(4_000);
  expect(delay(0, problem(503, 8))).toBe(8_000);
});

test('a change is never sent again by itself', async () => {
  const queries = createQueries();
  expect(queries.getDefaultOptions().mutations?.retry).toBe(false);
});
