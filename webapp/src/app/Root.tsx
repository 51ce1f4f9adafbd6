import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect, useSyncExternalStore } from 'react';
import { announcement } from '@/lib/announce';

/** Moves focus to the page's heading on navigation, so that keyboards and screen readers start where the eye does. */
function useFocusOnNavigation(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, toLocation }) => {
        if (!fromLocation || fromLocation.pathname === toLocation.pathname) return;
        document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
      }),
    [router],
  );
}

export function Root() {
  useFocusOnNavigation();
  const message = useSyncExternalStore(announcement.subscribe, announcement.get);
  return (
    <>
      <Outlet />
      <p role="status" className="sr-only">
        {message}
      </p>
    </>
  );
}
