import { count, text } from '@/lib/url';

export interface CatalogSearch {
  /** The host whose deploy bar is open. */
  host?: string | undefined;
  /** What the deploy bar begins with, where the page was come to for one VM. */
  template?: string | undefined;
  vcpus?: number | undefined;
  memory_mib?: number | undefined;
  disk_gib?: number | undefined;
  q?: string | undefined;
  sort?: string | undefined;
  /** "all" also shows hosts that cannot take a VM now. */
  show?: 'all' | undefined;
}

export const parseCatalogSearch = (search: Record<string, unknown>): CatalogSearch => ({
  host: text(search.host),
  template: text(search.template),
  vcpus: count(search.vcpus),
  memory_mib: count(search.memory_mib),
  disk_gib: count(search.disk_gib),
  q: text(search.q),
  sort: text(search.sort),
  show: search.show === 'all' ? 'all' : undefined,
});
