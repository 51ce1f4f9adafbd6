/** The admin pages, in the order of their tabs and of the command palette. */
export const ADMIN_SECTIONS = {
  '/admin/overview': 'Overview',
  '/admin/risks': 'Risks',
  '/admin/providers': 'Providers',
  '/admin/install': 'Add machine',
  '/admin/audit': 'Audit log',
} as const;

export type AdminPath = keyof typeof ADMIN_SECTIONS;
export const ADMIN_PATHS = Object.keys(ADMIN_SECTIONS) as AdminPath[];
