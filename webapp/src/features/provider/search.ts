import { parseRange, type RangeSearch } from '@/lib/range';
import { tabOf, text } from '@/lib/url';

export interface ProviderSearch {
  q?: string | undefined;
  sort?: string | undefined;
}

export const parseProviderSearch = (search: Record<string, unknown>): ProviderSearch => ({
  q: text(search.q),
  sort: text(search.sort),
});

export const TABS = {
  overview: 'Overview',
  metrics: 'Metrics',
  'self-test': 'Self-test',
  prices: 'Prices',
  events: 'Events',
  settings: 'Settings',
} as const;
export type MachineTab = keyof typeof TABS;

export interface MachineSearch extends RangeSearch {
  tab?: MachineTab | undefined;
}

export const parseMachineSearch = (search: Record<string, unknown>): MachineSearch => ({
  tab: tabOf(search.tab, TABS),
  ...parseRange(search),
});

export interface AddSearch {
  /** The code whose use the checklist follows: a reload goes on where it was. */
  code?: string | undefined;
}

export const parseAddSearch = (search: Record<string, unknown>): AddSearch => ({ code: text(search.code) });
