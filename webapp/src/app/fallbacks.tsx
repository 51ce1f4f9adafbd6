import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { buttonClass } from '@/design/Button';
import { Logo } from '@/design/Logo';
import { Page } from '@/design/Page';
import { EmptyState, ErrorNote } from '@/design/states';

export function NotFound() {
  return (
    <main>
      <Page title="Page not found">
        <EmptyState
          action={
            <Link to="/catalog" className={buttonClass()}>
              Go to the catalog
            </Link>
          }
        >
          There is no page at this address.
        </EmptyState>
      </Page>
    </main>
  );
}

/** A page that could not be drawn; the shell around it stays. A stale tab after an update ends up here, too. */
export function RouteError({ error }: ErrorComponentProps) {
  return (
    <Page title="This page failed">
      <ErrorNote
        what="The page could not be shown. Reload it; if it fails again, report what it says here."
        error={error}
        onRetry={() => window.location.reload()}
      />
    </Page>
  );
}

/** The server could not say who is there. */
export function StartFailed({ error }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <main className="mx-auto grid max-w-md gap-4 px-4 py-16">
      <Logo />
      <h1 tabIndex={-1} className="text-xl font-semibold">
        The console could not start
      </h1>
      <ErrorNote
        what="Your session could not be checked."
        error={error}
        onRetry={() => void router.invalidate()}
      />
    </main>
  );
}
