import { text } from '@/lib/url';

export interface CatalogSearch {
  /** The host whose deploy bar is open. */
  host?: string | undefined;
  q?: string | undefined;
  sort?: string | undefined;
  /** "all" also shows hosts that cannot take a VM now. */
  show?: 'all' | undefined;
}

export const parseCatalogSearch = (search: Record<string, unknown>): CatalogSearch => {
  const host = text(search.host);
  const q = text(search.q);
  const sort = text(search.sort);
  return {
    ...(host ? { host } : {}),
    ...(q ? { q } : {}),
    ...(sort ? { sort } : {}),
    ...(search.show === 'all' ? { show: 'all' as const } : {}),
  };
};
