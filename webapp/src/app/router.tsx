import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import * as admin from '@/features/admin/routes';
import * as billing from '@/features/billing/routes';
import * as catalog from '@/features/catalog/routes';
import { HOME } from '@/features/identity';
import * as identity from '@/features/identity/routes';
import * as provider from '@/features/provider/routes';
import * as settings from '@/features/settings/routes';
import * as vms from '@/features/vms/routes';
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

const outsideRoutes = [
  createRoute({ getParentRoute: () => root, ...identity.signInRoute }),
  createRoute({ getParentRoute: () => root, ...identity.registerRoute }),
  createRoute({ getParentRoute: () => root, ...identity.forgotPasswordRoute }),
  createRoute({ getParentRoute: () => root, ...identity.resetPasswordRoute }),
  createRoute({ getParentRoute: () => root, ...identity.confirmEmailRoute }),
  createRoute({ getParentRoute: () => root, ...identity.operatorSignInRoute }),
] as const;
const OUTSIDE = new Set<string>(
  Object.values(identity).flatMap((part) => ('path' in part ? [part.path] : [])),
);

const consoleRoute = createRoute({
  getParentRoute: () => root,
  id: '_console',
  beforeLoad: identity.requireSession,
  component: lazyPage(loadShell, 'Shell'),
  errorComponent: StartFailed,
});
const inConsole = () => consoleRoute;

/** The pages of the console, one line each. */
const consolePages = [
  createRoute({ getParentRoute: inConsole, ...catalog.catalogRoute }),
  createRoute({ getParentRoute: inConsole, ...vms.vmsRoute }),
  createRoute({ getParentRoute: inConsole, ...vms.vmRoute }),
  createRoute({ getParentRoute: inConsole, ...provider.providerRoute }),
  createRoute({ getParentRoute: inConsole, ...provider.addMachineRoute }),
  createRoute({ getParentRoute: inConsole, ...provider.machineRoute }),
  createRoute({ getParentRoute: inConsole, ...billing.billingRoute }),
  createRoute({ getParentRoute: inConsole, ...settings.settingsRoute }),
  createRoute({ getParentRoute: inConsole, ...admin.overviewRoute }),
  createRoute({ getParentRoute: inConsole, ...admin.providersRoute }),
  createRoute({ getParentRoute: inConsole, ...admin.providerRoute }),
  createRoute({ getParentRoute: inConsole, ...admin.risksRoute }),
  createRoute({ getParentRoute: inConsole, ...admin.auditLogRoute }),
  createRoute({ getParentRoute: inConsole, ...admin.installRoute }),
] as const;

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

const tree = root.addChildren([
  index,
  ...outsideRoutes,
  consoleRoute.addChildren(consolePages),
  ...designRoute,
]);

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
