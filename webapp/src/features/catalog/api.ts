import { queryOptions } from '@tanstack/react-query';
import { http, unwrap } from '@/lib/http';
import { readPage } from '@/lib/pages';
import type { Offer } from '@/types/domain';

export const OFFERS_INTERVAL_MS = 10_000;
const PAGE_SIZE = 200;
/** Beyond so many the list says that it is not all. */
const MAX_PAGES = 10;

export const offersQuery = queryOptions({
  queryKey: ['catalog', 'hosts'],
  queryFn: async ({ signal }) => {
    const items: Offer[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { limit: PAGE_SIZE, ...(cursor && { cursor }) };
      const found = await unwrap(http.GET('/v1/catalog/hosts', { params: { query }, signal }));
      items.push(...found.items);
      if (!found.next_cursor) return { items, complete: true };
      cursor = found.next_cursor;
    }
    return { items, complete: false };
  },
  refetchInterval: OFFERS_INTERVAL_MS,
});

export const templatesQuery = queryOptions({
  queryKey: ['vm-templates'],
  queryFn: ({ signal }) =>
    readPage((from) =>
      unwrap(http.GET('/v1/resources/vm-templates', { params: { query: { limit: 200, ...from } }, signal })),
    ),
  staleTime: 5 * 60_000,
});
