import { oneOf, tabOf, text } from '@/lib/url';

// Here and not with the model, which first load does not need.
export const VIEWS = ['current', 'ended', 'all'] as const;
export type VmView = (typeof VIEWS)[number];

export interface VmsSearch {
  view?: VmView | undefined;
  q?: string | undefined;
  sort?: string | undefined;
}

export const parseVmsSearch = (search: Record<string, unknown>): VmsSearch => {
  const view = oneOf(search.view, VIEWS, 'current');
  return { view: view === 'current' ? undefined : view, q: text(search.q), sort: text(search.sort) };
};

export const TABS = { overview: 'Overview', cost: 'Cost', events: 'Events' } as const;
export type VmTab = keyof typeof TABS;

export interface VmSearch {
  tab?: VmTab | undefined;
  /** Open the question before a lifecycle act, as the command palette does. */
  ask?: string | undefined;
}

export const parseVmSearch = (search: Record<string, unknown>): VmSearch => ({
  tab: tabOf(search.tab, TABS),
  ask: text(search.ask),
});
