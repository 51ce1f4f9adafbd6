import type { QueryClient } from '@tanstack/react-query';
import { session } from '@/lib/session';
import type { AppRouter } from './router';

/** When the session ends, here or in another tab, nothing of the account stays on the page. Returns the end of it. */
export function followSession(router: AppRouter, queries: QueryClient): () => void {
  let userId: string | undefined;
  return session.subscribe(() => {
    const current = session.get();
    if (current.status === 'signed-in') {
      if (userId && userId !== current.user.id) queries.clear();
      userId = current.user.id;
      return;
    }
    // Learning at the start that nobody is signed in is the guard's own doing.
    if (!userId) return;
    userId = undefined;
    queries.clear();
    // Re-runs the guards, which lead to sign-in and remember the way back.
    void router.invalidate();
  });
}
