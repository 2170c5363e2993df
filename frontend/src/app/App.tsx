import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";

import { ApiContext, type Api } from "@/api/client";
import { AuthContext, type Auth } from "@/auth/auth";
import { Toaster } from "@/components/ui/toaster";
import type { Config } from "@/lib/config";

import { ConfigContext } from "./config";
import type { AppRouter } from "./router";

export type Parts = { config: Config; auth: Auth; api: Api; queries: QueryClient; router: AppRouter };

export function App({ config, auth, api, queries, router }: Parts) {
  useEffect(
    () =>
      auth.subscribe(() => {
        // Nothing of one user is left for the next; the guard of the pages sends on to the sign-in.
        if (auth.state().status === "signed-out") queries.clear();
        void router.invalidate();
      }),
    [auth, queries, router],
  );
  return (
    <ConfigContext value={config}>
      <AuthContext value={auth}>
        <ApiContext value={api}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
            <Toaster />
          </QueryClientProvider>
        </ApiContext>
      </AuthContext>
    </ConfigContext>
  );
}
