import type { QueryClient } from '@tanstack/react-query';
import { announce } from '@/lib/announce';
import { session } from '@/lib/session';
import type { AppRouter } from './router';

/**
 * When the session ends, here or in another tab, nothing of the account stays on the page; when the role changes,
 * nothing that was read under the old one does. Returns the end of it.
 */
export function followSession(router: AppRouter, queries: QueryClient): () => void {
  let userId: string | undefined;
  let role: string | undefined;
  return session.subscribe(() => {
    const current = session.get();
    if (current.status === 'signed-in') {
      if (userId && userId !== current.user.id) queries.clear();
      else if (role && role !== current.user.role) dropPrivileges(current.user.role);
      ({ id: userId, role } = current.user);
      return;
    }
    // Learning at the start that nobody is signed in is the guard's own doing.
    if (!userId) return;
    userId = role = undefined;
    queries.clear();
    // Until sign-in is drawn the pages left behind may ask again: what they asked for goes with them.
    const stop = router.subscribe('onRendered', () => {
      stop();
      queries.removeQueries({ type: 'inactive' });
    });
    // Re-runs the guards, which lead to sign-in and remember the way back.
    void router.invalidate();
  });

  /** Everything is asked for again under the present role, and the guards decide anew about the page. */
  function dropPrivileges(present: string): void {
    void queries.resetQueries();
    void router.invalidate();
    announce(`Your role is now ${present}.`);
  }
}
