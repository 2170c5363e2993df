import { StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";

import { createApi } from "./api/client";
import { createQueryClient } from "./api/queries";
import { App } from "./app/App";
import { ConfigFailed } from "./app/ConfigFailed";
import { createAppRouter } from "./app/router";
import { createAuth } from "./auth/auth";
import { loadConfig } from "./lib/config";
import { followTheme } from "./lib/theme";
import "./styles.css";

async function start(): Promise<ReactNode> {
  const config = await loadConfig();
  const auth = createAuth(config);
  const api = createApi(config.api, auth);
  const router = createAppRouter(auth);
  // The code of the page comes while the session is taken up, not after it.
  for (const route of router.getMatchedRoutes(router.latestLocation.pathname)[0]) void router.loadRouteChunk(route);
  return <App config={config} auth={auth} api={api} queries={createQueryClient()} router={router} />;
}

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root");
const root = createRoot(place);
followTheme();
start().then(
  (app) => root.render(<StrictMode>{app}</StrictMode>),
  (error: unknown) => root.render(<ConfigFailed error={error} />),
);
