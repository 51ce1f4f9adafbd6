import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { Button, buttonClass } from '@/design/Button';
import { Logo } from '@/design/Logo';
import { Page } from '@/design/Page';
import { EmptyState, ErrorNote } from '@/design/states';
import type { Connection } from '@/lib/connection';
import { useConnection } from '@/lib/hooks';
import { forgetMissingParts, PartMissing } from '@/lib/lazy-part';

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

/**
 * A page that could not be drawn; the shell around it stays. Nothing here reloads the page by itself: offline that ends at
 * the browser's own error page, with all that was on screen gone.
 */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const connection = useConnection();
  const missing = error instanceof PartMissing;
  const retry = () => {
    forgetMissingParts();
    reset();
    void router.invalidate();
  };
  return (
    <Page title={missing ? 'This page was not downloaded' : 'Something went wrong'}>
      <ErrorNote what={whatFailed(missing, connection)} error={error} onRetry={retry} />
      {connection === 'online' && (
        <Button className="mt-3" onClick={() => window.location.reload()}>
          Reload the console
        </Button>
      )}
    </Page>
  );
}

function whatFailed(missing: boolean, connection: Connection): string {
  if (!missing) return 'The page could not be displayed. Retry; if it fails again, report the error below.';
  if (connection === 'online') return 'Its code could not be downloaded. Retry, or reload the console.';
  return 'The connection was lost before its code was downloaded. Retry when you are online again.';
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
        onRetry={() => {
          forgetMissingParts();
          void router.invalidate();
        }}
      />
    </main>
  );
}
