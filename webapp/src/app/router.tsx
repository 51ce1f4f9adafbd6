import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import {
  adminAuditRoute,
  adminInstallRoute,
  adminProviderRoute,
  adminProvidersRoute,
  adminRisksRoute,
  adminRoute,
} from '@/features/admin';
import { billingRoute } from '@/features/billing';
import { catalogRoute } from '@/features/catalog';
import {
  confirmEmailRoute,
  forgotPasswordRoute,
  HOME,
  operatorSignInRoute,
  registerRoute,
  requireSession,
  resetPasswordRoute,
  signInRoute,
} from '@/features/identity';
import { addMachineRoute, machineRoute, providerRoute } from '@/features/provider';
import { settingsRoute } from '@/features/settings';
import { vmRoute, vmsRoute } from '@/features/vms';
import { forgetMissingParts, lazyPage } from '@/lib/lazy-part';
import type { RouteContext } from '@/lib/route-context';
import { NotFound, RouteError, StartFailed } from './fallbacks';
import { Root } from './Root';

const loadShell = () => import('./Shell');

const root = createRootRouteWithContext<RouteContext>()({ component: Root, notFoundComponent: NotFound });

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: HOME });
  },
});
const signIn = createRoute({ getParentRoute: () => root, ...signInRoute });
const register = createRoute({ getParentRoute: () => root, ...registerRoute });
const forgotPassword = createRoute({ getParentRoute: () => root, ...forgotPasswordRoute });
const confirmEmail = createRoute({ getParentRoute: () => root, ...confirmEmailRoute });
const resetPassword = createRoute({ getParentRoute: () => root, ...resetPasswordRoute });
const operatorSignIn = createRoute({ getParentRoute: () => root, ...operatorSignInRoute });

const consoleRoute = createRoute({
  getParentRoute: () => root,
  id: '_console',
  beforeLoad: requireSession,
  component: lazyPage(loadShell, 'Shell'),
  errorComponent: StartFailed,
});
const catalog = createRoute({ getParentRoute: () => consoleRoute, ...catalogRoute });
const vms = createRoute({ getParentRoute: () => consoleRoute, ...vmsRoute });
const vm = createRoute({ getParentRoute: () => consoleRoute, ...vmRoute });
const provider = createRoute({ getParentRoute: () => consoleRoute, ...providerRoute });
const addMachine = createRoute({ getParentRoute: () => consoleRoute, ...addMachineRoute });
const machine = createRoute({ getParentRoute: () => consoleRoute, ...machineRoute });
const billing = createRoute({ getParentRoute: () => consoleRoute, ...billingRoute });
const settings = createRoute({ getParentRoute: () => consoleRoute, ...settingsRoute });
const admin = createRoute({ getParentRoute: () => consoleRoute, ...adminRoute });
const adminProviders = createRoute({ getParentRoute: () => consoleRoute, ...adminProvidersRoute });
const adminProvider = createRoute({ getParentRoute: () => consoleRoute, ...adminProviderRoute });
const adminRisks = createRoute({ getParentRoute: () => consoleRoute, ...adminRisksRoute });
const adminAudit = createRoute({ getParentRoute: () => consoleRoute, ...adminAuditRoute });
const adminInstall = createRoute({ getParentRoute: () => consoleRoute, ...adminInstallRoute });

const consoleTree = consoleRoute.addChildren([
  catalog,
  vms,
  vm,
  provider,
  addMachine,
  machine,
  billing,
  settings,
  admin,
  adminProviders,
  adminProvider,
  adminRisks,
  adminAudit,
  adminInstall,
]);

const outside = [signIn, register, forgotPassword, resetPassword, confirmEmail, operatorSignIn];
const OUTSIDE = new Set<string>(
  [
    signInRoute,
    registerRoute,
    forgotPasswordRoute,
    resetPasswordRoute,
    confirmEmailRoute,
    operatorSignInRoute,
  ].map(({ path }) => path),
);

/** Every primitive in every state: the baseline of screenshots. Not part of a production build. */
const designRoute = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => root,
        path: '/__design',
        component: lazyPage(() => import('./DesignPage'), 'DesignPage'),
      }),
    ]
  : [];

const tree = root.addChildren([index, ...outside, consoleTree, ...designRoute]);

export function createAppRouter(queries: QueryClient, history?: RouterHistory) {
  // Fetched while the session is being refreshed, not after.
  if (!OUTSIDE.has(window.location.pathname)) void loadShell().catch(() => undefined);
  const router = createRouter({
    routeTree: tree,
    ...(history ? { history } : {}),
    context: { queries },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: RouteError,
    scrollRestoration: true,
  });
  router.subscribe('onBeforeNavigate', forgetMissingParts);
  return router;
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
