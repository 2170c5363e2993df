import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";

import type { Auth } from "@/auth/auth";
import { SIGNED_IN_PATH } from "@/auth/hosted";
import { safeReturn } from "@/auth/provider";
import { reportSearch } from "@/features/reports/search";
import { settingsSearch } from "@/features/settings/search";

import { Layout } from "./Layout";
import { PageFailed } from "./PageFailed";
import { NotFound } from "./NotFound";
import { FailedOutside, LoadingOutside, NotFoundOutside } from "./Outside";
import { PageLoading } from "./PageLoading";

type Context = { auth: Auth };

const root = createRootRouteWithContext<Context>()({
  notFoundComponent: NotFoundOutside,
  errorComponent: FailedOutside,
});

/** Everything behind the sign-in: the frame around it, and the guard. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Layout,
  errorComponent: FailedOutside,
  pendingComponent: LoadingOutside,
  beforeLoad: async ({ context: { auth }, location }) => {
    await auth.restore();
    if (auth.state().status === "signed-out") throw redirect({ to: "/sign-in", search: { to: location.href } });
  },
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { to?: string } => (typeof search.to === "string" ? { to: safeReturn(search.to) } : {}),
  beforeLoad: async ({ context: { auth }, search }) => {
    // Without an answer of the pool the form is shown: it says so when it is used.
    await auth.restore().catch(() => undefined);
    if (auth.state().status === "signed-in") throw redirect({ href: safeReturn(search.to), replace: true });
  },
  component: lazyRouteComponent(() => import("@/auth/SignInPage"), "SignInPage"),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  path: SIGNED_IN_PATH,
  component: lazyRouteComponent(() => import("@/auth/SignedInPage"), "SignedInPage"),
});

// One line a page: its chunk is loaded when it is opened, or when a link to it is pointed at.
const today = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/today/TodayPage"), "TodayPage"),
});
const strategies = createRoute({
  getParentRoute: () => inside,
  path: "/strategies",
  component: lazyRouteComponent(() => import("@/features/strategies/StrategiesPage"), "StrategiesPage"),
});
const newStrategy = createRoute({
  getParentRoute: () => inside,
  path: "/strategies/new",
  validateSearch: (search): { template?: string } => (typeof search.template === "string" ? { template: search.template } : {}),
  component: lazyRouteComponent(() => import("@/features/strategies/builder/StrategyPage"), "NewStrategyPage"),
});
/** Its address has a word behind the id, so that a strategy may be called "new". */
const strategy = createRoute({
  getParentRoute: () => inside,
  path: "/strategies/$strategyId/edit",
  component: lazyRouteComponent(() => import("@/features/strategies/builder/StrategyPage"), "StrategyPage"),
});
const strategyBefore = createRoute({
  getParentRoute: () => inside,
  path: "/strategies/$strategyId",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/strategies/$strategyId/edit", params, replace: true });
  },
});
const brokers = createRoute({
  getParentRoute: () => inside,
  path: "/brokers",
  component: lazyRouteComponent(() => import("@/features/brokers/BrokersPage"), "BrokersPage"),
});
/** Where brokers send the browser back to: the one redirect URL to enter at every broker. */
const brokerCallback = createRoute({
  getParentRoute: () => inside,
  path: "/brokers/callback",
  component: lazyRouteComponent(() => import("@/features/brokers/CallbackPage"), "CallbackPage"),
});
const reports = createRoute({
  getParentRoute: () => inside,
  path: "/reports",
  validateSearch: reportSearch,
  component: lazyRouteComponent(() => import("@/features/reports/ReportsPage"), "ReportsPage"),
});
const reportedDay = createRoute({
  getParentRoute: () => inside,
  path: "/reports/$date",
  component: lazyRouteComponent(() => import("@/features/reports/DayPage"), "DayPage"),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import("@/features/settings/SettingsPage"), "SettingsPage"),
});

const tree = root.addChildren([
  signIn,
  signedIn,
  inside.addChildren([today, strategies, newStrategy, strategy, strategyBefore, brokers, brokerCallback, reports, reportedDay, settings]),
]);

export function createAppRouter(auth: Auth) {
  return createRouter({
    routeTree: tree,
    context: { auth },
    defaultPreload: "intent",
    // TanStack Query decides what is fresh.
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingComponent: PageLoading,
    defaultErrorComponent: PageFailed,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
    // Text stays text: a code such as 12e4 in a callback's query is no number.
    parseSearch: (query) => Object.fromEntries(new URLSearchParams(query)),
    stringifySearch: queryOf,
  });
}

function queryOf(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== null);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return query && `?${query}`;
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
