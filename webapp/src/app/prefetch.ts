import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSession } from '@/lib/hooks';
import { isOperator } from '@/lib/roles';

const CONSOLE = '/_console/';
const OPERATORS = '/_console/admin/';

/** Fetch the console's other pages while nothing else is to be done, so that none is missing when the network is. */
export function usePrefetchedPages(): void {
  const router = useRouter();
  const session = useSession();
  const operator = session.status === 'signed-in' && isOperator(session.user.role);
  useEffect(() => {
    const fetchAll = () => {
      for (const [id, route] of Object.entries(router.routesById)) {
        if (!id.startsWith(CONSOLE) || (id.startsWith(OPERATORS) && !operator)) continue;
        void router.loadRouteChunk(route);
      }
    };
    // Safari has no idle callback
    if (typeof requestIdleCallback === 'undefined') {
      const timer = setTimeout(fetchAll, 2_000);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(fetchAll);
    return () => cancelIdleCallback(handle);
  }, [router, operator]);
}
