import { ChartNoAxesCombined, CreditCard, Grid2x2, Server, Settings, ShieldUser } from 'lucide-react';
import { isOperator } from '@/lib/roles';

/** The sidebar, the pages of the command palette, and the letter after `g` for each. Only pages that exist. */
const GROUPS = [
  { group: 'Deploy', pages: [{ to: '/catalog', label: 'Catalog', icon: Grid2x2, letter: 'c' }] },
  { group: 'Compute', pages: [{ to: '/vms', label: 'VM', icon: Server, letter: 'v' }] },
  {
    group: 'Earn',
    pages: [{ to: '/provider', label: 'Provider', icon: ChartNoAxesCombined, letter: 'p' }],
  },
  {
    group: 'Account',
    pages: [
      { to: '/billing', label: 'Billing', icon: CreditCard, letter: 'b' },
      { to: '/settings', label: 'Settings', icon: Settings, letter: 's' },
      {
        to: '/admin/overview',
        label: 'Admin',
        icon: ShieldUser,
        letter: 'a',
        under: '/admin/',
        operators: true,
      },
    ],
  },
] as const;

export type NavigationPage = (typeof GROUPS)[number]['pages'][number];

/** The groups with the pages that this role has anything on. */
export function navigationFor(role: string | undefined): { group: string; pages: NavigationPage[] }[] {
  return GROUPS.map(({ group, pages }) => ({
    group,
    pages: [...pages].filter((page: NavigationPage) => !('operators' in page) || isOperator(role)),
  }));
}

export const pagesFor = (role: string | undefined): NavigationPage[] =>
  navigationFor(role).flatMap(({ pages }) => pages);
