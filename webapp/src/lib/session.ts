/**
 * Who is signed in. The access token lives in this module's memory only; what survives a reload is the HttpOnly refresh
 * cookie, which script cannot read.
 */
import type { TokenGrant, User } from '@/types/domain';
import { type ApiProblem, networkProblem, problemFrom } from './problem';
import { createStore } from './store';
import { noteServerDate } from './time';

export type Session =
  | { status: 'unknown' }
  | { status: 'signed-in'; user: User }
  /**
   * `absent`: there was no session to begin with. `left`: signed out on purpose. `ended`: it is over, `why` as far as
   * the API knows.
   */
  | { status: 'signed-out'; reason: 'absent' | 'ended' | 'left'; why?: string | undefined };

const REFRESH_TIMEOUT_MS = 15_000;
const LOCK = 'sharemtc-refresh';

let accessToken: string | null = null;
let refreshing: Promise<ApiProblem | null> | null = null;

export const session = createStore<Session>({ status: 'unknown' });

// Other tabs share the cookie: when one signs out, none may go on showing the account.
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('sharemtc-session');
tabs?.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.data === 'signed-out') forget('left');
});

function forget(reason: 'absent' | 'ended' | 'left', why?: string): void {
  accessToken = null;
  session.set({ status: 'signed-out', reason, ...(why ? { why } : {}) });
}

export const bearer = (): string | null => accessToken;

/** Take over a grant from sign-in, registration or refresh. */
export function adoptGrant(grant: TokenGrant): void {
  accessToken = grant.access_token;
  const current = session.get();
  const same = current.status === 'signed-in' && JSON.stringify(current.user) === JSON.stringify(grant.user);
  if (!same) session.set({ status: 'signed-in', user: grant.user });
}

/** Replace what is known about the user, for example after a refusal that suggests a changed role. */
export function updateUser(user: User): void {
  if (accessToken) session.set({ status: 'signed-in', user });
}

export function endSession(): void {
  forget('left');
  tabs?.postMessage('signed-out');
}

/** One refresh at a time, over all tabs: each replaces the cookie that they share. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator === 'undefined' || !navigator.locks) return work();
  return (await navigator.locks.request(LOCK, work)) as T;
}

const askForGrant = (): Promise<Response> =>
  fetch(new URL('/v1/auth/refresh', window.location.origin), {
    method: 'POST',
    credentials: 'same-origin',
    signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS),
  });

async function requestGrant(): Promise<ApiProblem | null> {
  let response: Response;
  try {
    // A lost answer may have carried a new cookie; the old one is good until that has been used.
    response = await askForGrant().catch(askForGrant);
  } catch (cause) {
    return networkProblem(cause);
  }
  noteServerDate(response.headers.get('Date'));
  if (response.ok) {
    adoptGrant((await response.json()) as TokenGrant);
    return null;
  }
  const problem = await problemFrom(response);
  // Only a refusal ends the session; a server in trouble must not sign anybody out.
  if (response.status === 401 || response.status === 403) {
    const why = problem.reason === 'unknown' ? undefined : problem.reason;
    const { status } = session.get();
    // A request that was under way when it ended is refused too, and knows less about why.
    if (status !== 'signed-out') forget(status === 'signed-in' || why ? 'ended' : 'absent', why);
  }
  return problem;
}

/** Get a new access token by the cookie. Callers at the same time share one request. Null when it worked. */
export function refreshSession(): Promise<ApiProblem | null> {
  refreshing ??= inTurn(requestGrant).finally(() => {
    refreshing = null;
  });
  return refreshing;
}
