import { ChartNoAxesCombined, CreditCard, Grid2x2, Server, Settings } from 'lucide-react';

/** The sidebar, and the pages of the command palette. Only pages that exist. */
export const NAVIGATION = [
  { group: 'Deploy', pages: [{ to: '/catalog', label: 'Catalog', icon: Grid2x2 }] },
  { group: 'Compute', pages: [{ to: '/vms', label: 'VM', icon: Server }] },
  { group: 'Earn', pages: [{ to: '/provider', label: 'Provider', icon: ChartNoAxesCombined }] },
  {
    group: 'Account',
    pages: [
      { to: '/billing', label: 'Billing', icon: CreditCard },
      { to: '/settings', label: 'Settings', icon: Settings },
    ],
  },
] as const;

type Group = (typeof NAVIGATION)[number];

/** Every page, in the order of the sidebar. */
export const PAGES = NAVIGATION.flatMap((group): Group['pages'][number][] => [...group.pages]);
