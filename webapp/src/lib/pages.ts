/** Lists that are read page by page. */
import { type InfiniteData, infiniteQueryOptions } from '@tanstack/react-query';
import { useMemo } from 'react';

interface Page {
  items: readonly unknown[];
  next_cursor?: string | null;
}

/** Where a page starts, as a request carries it. */
export interface PageStart {
  cursor?: string;
}

/** How many pages are read at once while none of them holds a line. */
const MOST_AT_ONCE = 10;

/**
 * The page at a cursor, or the first after it that holds a line: the server bounds its work for a page, so one without
 * lines is no end of a list. After some it hands back what it has, and the reader asks for more.
 */
export async function readPage<P extends Page>(
  read: (from: PageStart) => Promise<P>,
  cursor = '',
): Promise<P> {
  let page = await read(cursor ? { cursor } : {});
  for (let pages = 1; pages < MOST_AT_ONCE; pages += 1) {
    if (page.items.length > 0 || !page.next_cursor) break;
    page = await read({ cursor: page.next_cursor });
  }
  return page;
}

interface List<P extends Page> {
  queryKey: readonly unknown[];
  /** One request for one page. */
  read: (from: PageStart, signal: AbortSignal) => Promise<P>;
  refetchInterval?: number;
}

/** The query of a list, for `useInfiniteQuery`. */
export const listQuery = <P extends Page>({ read, ...options }: List<P>) =>
  infiniteQueryOptions({
    ...options,
    queryFn: ({ pageParam, signal }) => readPage((from) => read(from, signal), pageParam),
    initialPageParam: '',
    getNextPageParam: (page: P) => page.next_cursor || undefined,
  });

/** All items of the pages that were read; the same array until one of them changes. */
export function useItems<T>(query: { data: InfiniteData<{ items: T[] }> | undefined }): T[] | undefined {
  const { data } = query;
  return useMemo(() => data?.pages.flatMap((page) => page.items), [data]);
}
