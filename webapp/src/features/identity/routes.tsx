import { redirect } from '@tanstack/react-router';
import { lazyPage } from '@/lib/lazy-part';
import { isOperator } from '@/lib/roles';
import { refreshSession, session } from '@/lib/session';
import { localPath, text } from '@/lib/url';
import { HOME, OPERATOR_HOME } from './paths';

export interface ReturnSearch {
  /** Where to go once signed in. */
  return?: string | undefined;
}

export interface SignInSearch extends ReturnSearch {
  /** Why a sign-in elsewhere brought nobody back. */
  problem?: string | undefined;
}

const validateSearch = (search: Record<string, unknown>): ReturnSearch => ({
  return: localPath(search.return),
});

/** Signed-in readers have no business here. */
async function leaveWhenSignedIn({ search }: { search: ReturnSearch }): Promise<void> {
  if (session.get().status === 'unknown') await refreshSession();
  if (session.get().status === 'signed-in') throw redirect({ href: search.return ?? HOME });
}

export const signInRoute = {
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): SignInSearch => ({
    ...validateSearch(search),
    problem: text(search.problem),
  }),
  beforeLoad: leaveWhenSignedIn,
  component: lazyPage(() => import('./pages/SignInPage'), 'SignInPage'),
} as const;

export const registerRoute = {
  path: '/register',
  validateSearch,
  beforeLoad: leaveWhenSignedIn,
  component: lazyPage(() => import('./pages/RegisterPage'), 'RegisterPage'),
} as const;

export const forgotPasswordRoute = {
  path: '/forgot-password',
  component: lazyPage(() => import('./pages/ForgotPasswordPage'), 'ForgotPasswordPage'),
} as const;

export const resetPasswordRoute = {
  path: '/reset-password',
  component: lazyPage(() => import('./pages/ResetPasswordPage'), 'ResetPasswordPage'),
} as const;

export const confirmEmailRoute = {
  path: '/confirm-email',
  component: lazyPage(() => import('./pages/ConfirmEmailPage'), 'ConfirmEmailPage'),
} as const;

/** The operators' own door. Whoever is through already goes on to the pages behind it. */
export const operatorSignInRoute = {
  path: '/admin',
  beforeLoad: async () => {
    if (session.get().status === 'unknown') await refreshSession();
    const current = session.get();
    if (current.status === 'signed-in' && isOperator(current.user.role))
      throw redirect({ to: OPERATOR_HOME });
  },
  component: lazyPage(() => import('./pages/OperatorSignInPage'), 'OperatorSignInPage'),
} as const;

interface GuardInput {
  location: { href: string };
}

/** Lets only signed-in readers through. Throws the problem when the server cannot say who is there. */
export async function requireSession({ location }: GuardInput): Promise<void> {
  const problem = session.get().status === 'unknown' ? await refreshSession() : null;
  const current = session.get();
  if (current.status === 'signed-in') return;
  if (current.status === 'unknown' && problem) throw problem;
  const left = current.status === 'signed-out' && current.reason === 'left';
  throw redirect({
    to: '/sign-in',
    // Whoever signed out on purpose starts afresh; all others come back to where they were.
    search: left || location.href === '/' || location.href === HOME ? {} : { return: location.href },
  });
}
