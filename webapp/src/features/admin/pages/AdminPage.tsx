import { Link } from '@tanstack/react-router';
import { Suspense } from 'react';
import { buttonClass } from '@/design/Button';
import { Facts, Page, Section } from '@/design/Page';
import { Forbidden, Skeleton } from '@/design/states';
import { AuditPanel } from '@/features/account';
import { useSession } from '@/lib/hooks';
import { isOperator, OPERATOR_ROLES } from '@/lib/roles';

/** The operators' page: the role that is in force, and what was done with the account that holds it. */
export function AdminPage() {
  const session = useSession();
  if (session.status !== 'signed-in') return null;
  const { user } = session;
  if (!isOperator(user.role)) {
    return (
      <Page title="Admin">
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
  return (
    <Page title="Admin" summary="Your role as an operator, and every security event of its account.">
      <div className="grid gap-4">
        <Section title="Operator">
          <Facts
            className="sm:grid-cols-3"
            items={[
              ['Name', user.name],
              ['Email', user.email],
              ['Role', user.role],
            ]}
          />
        </Section>
        <Suspense fallback={<Skeleton className="h-40 w-full rounded-lg" />}>
          <AuditPanel />
        </Suspense>
      </div>
    </Page>
  );
}
