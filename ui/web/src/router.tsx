// The addresses of the web app. Each route loads its own chunk; all but the doors need a session.
import { onSignedOut, showWorkspace } from "@luumen/api-client";
import { followWorkspace, sessionQuery } from "@luumen/features/session";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";

import { queryClient } from "./client";
import { parseSearch, stringifySearch, type Search } from "./search";
import { Broken, Missing, Waiting } from "./shell/Pages";

const validateSearch = (search: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing });

const door = (path: "/sign-in" | "/setup" | "/link", component: () => Promise<Record<string, unknown>>) =>
  createRoute({ getParentRoute: () => root, path, validateSearch, component: lazyRouteComponent(component) });

const signInRoute = door("/sign-in", () => import("./routes/sign-in"));
const setupRoute = door("/setup", () => import("./routes/setup"));
const linkRoute = door("/link", () => import("./routes/link"));

/** Everything behind the door stands in the shell. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: "/sign-in", search: { back: location.href } });
  },
  component: lazyRouteComponent(() => import("./shell/Shell")),
});

const overviewRoute = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/overview")),
});
const hostsRoute = createRoute({
  getParentRoute: () => inside,
  path: "/hosts",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/hosts")),
});
const hostRoute = createRoute({
  getParentRoute: () => inside,
  path: "/hosts/$hostId",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/host")),
});
const vulnerabilitiesRoute = createRoute({
  getParentRoute: () => inside,
  path: "/vulnerabilities",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/vulnerabilities")),
});
const fixesRoute = createRoute({
  getParentRoute: () => inside,
  path: "/vulnerabilities/fixes",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/fixes")),
});
const trendRoute = createRoute({
  getParentRoute: () => inside,
  path: "/vulnerabilities/trend",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/trend")),
});
const exceptionsRoute = createRoute({
  getParentRoute: () => inside,
  path: "/vulnerabilities/exceptions",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/exceptions")),
});
const feedsRoute = createRoute({
  getParentRoute: () => inside,
  path: "/vulnerabilities/feeds",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/feeds")),
});
const packageFindingsRoute = createRoute({
  getParentRoute: () => inside,
  path: "/vulnerabilities/packages/$packageName",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/package-findings")),
});
const vulnerabilityRoute = createRoute({
  getParentRoute: () => inside,
  path: "/vulnerabilities/$vulnerabilityId",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/vulnerability")),
});
const packagesRoute = createRoute({
  getParentRoute: () => inside,
  path: "/packages",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/packages")),
});
const agentsRoute = createRoute({
  getParentRoute: () => inside,
  path: "/agents",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/agents")),
});
const runRoute = createRoute({
  getParentRoute: () => inside,
  path: "/runs/$runId",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/run")),
});
const settingsRoute = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  validateSearch,
  component: lazyRouteComponent(() => import("./routes/settings")),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signInRoute,
    setupRoute,
    linkRoute,
    inside.addChildren([
      overviewRoute,
      hostsRoute,
      hostRoute,
      vulnerabilitiesRoute,
      fixesRoute,
      trendRoute,
      exceptionsRoute,
      feedsRoute,
      packageFindingsRoute,
      vulnerabilityRoute,
      packagesRoute,
      agentsRoute,
      runRoute,
      settingsRoute,
    ]),
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPendingComponent: Waiting,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

// A session that ended leads to the door, and from there back to where the person was.
onSignedOut(() => {
  const { href, pathname } = router.state.location;
  if (["/sign-in", "/setup", "/link"].includes(pathname)) return;
  showWorkspace(null);
  queryClient.setQueryData(sessionQuery.queryKey, null);
  void router.navigate({ to: "/sign-in", search: { back: href, ended: "true" } });
});

followWorkspace();

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
