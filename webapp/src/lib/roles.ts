/** What the server calls those who run the platform. It decides; the console only leaves out what would be refused. */
export const OPERATOR_ROLES: readonly string[] = ['admin', 'ops-admin', 'super-admin'];

/** Those operators who also decide on providers. */
export const ADMIN_ROLES: readonly string[] = ['admin', 'super-admin'];

export const isAdmin = (role: string | undefined): boolean =>
  role !== undefined && ADMIN_ROLES.includes(role);

export const isOperator = (role: string | undefined): boolean =>
  role !== undefined && OPERATOR_ROLES.includes(role);
