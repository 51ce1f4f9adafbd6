import { Link, useLocation } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import { buttonClass } from '@/design/Button';
import { cn } from '@/design/cn';
import { Forbidden } from '@/design/Forbidden';
import { Page } from '@/design/Page';
import { RouteTabs } from '@/design/RouteTabs';
import { useSession } from '@/lib/hooks';
import { isOperator, OPERATOR_ROLES } from '@/lib/roles';
import { ADMIN_PATHS, ADMIN_SECTIONS } from '../sections';

/** The section that an admin path belongs to: the path itself, or the one it stands below. */
const sectionOf = (path: string) => ADMIN_PATHS.find((to) => path === to || path.startsWith(`${to}/`));

/** The role in force when it is an operator's. */
export function useOperator(): string | undefined {
  const session = useSession();
  const role = session.status === 'signed-in' ? session.user.role : undefined;
  return isOperator(role) ? role : undefined;
}

/** Asks nothing of the server for those whom it would refuse. */
export function OperatorsOnly({ title, children }: { title: string; children: ReactNode }) {
  const session = useSession();
  const role = useOperator();
  if (session.status !== 'signed-in') return null;
  if (role) return children;
  return (
    <Page title={title}>
      <Forbidden
        needs={OPERATOR_ROLES}
        action={
          <Link to="/admin" className={buttonClass()}>
            Sign in as operator
          </Link>
        }
      />
    </Page>
  );
}

/** One of the operators' pages, with the way to the others. */
export function AdminFrame({
  children,
  className,
  ...page
}: ComponentProps<typeof Page> & { className?: string }) {
  const path = useLocation({ select: ({ pathname }) => pathname });
  return (
    <Page {...page}>
      <RouteTabs
        label="Admin"
        className="mb-4"
        tabs={ADMIN_SECTIONS}
        current={sectionOf(path)}
        link={(to) => ({ to })}
      />
      <div className={cn('grid gap-3', className)}>{children}</div>
    </Page>
  );
}
