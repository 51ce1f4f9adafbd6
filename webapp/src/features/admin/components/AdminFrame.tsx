import { Link } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import { buttonClass } from '@/design/Button';
import { cn } from '@/design/cn';
import { Forbidden } from '@/design/Forbidden';
import { Page } from '@/design/Page';
import { useSession } from '@/lib/hooks';
import { isOperator, OPERATOR_ROLES } from '@/lib/roles';
import { ADMIN_PAGES } from '../routes';

/** Where in the operators' pages the reader is. */
function Sections() {
  return (
    <nav aria-label="Admin" className="mb-4 flex gap-1 overflow-x-auto border-b">
      {ADMIN_PAGES.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ includeSearch: false }}
          className="-mb-px flex h-9 shrink-0 items-center border-b-2 px-3 pointer-coarse:h-11"
          activeProps={{ className: 'border-ink font-medium text-ink' }}
          inactiveProps={{ className: 'border-transparent text-ink-2 hover:text-ink' }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

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
  return (
    <Page {...page}>
      <Sections />
      <div className={cn('grid gap-3', className)}>{children}</div>
    </Page>
  );
}
