import { useQuery } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { PageLoading } from "@/app/PageLoading";
import { Page } from "@/components/Page";
import { ErrorState } from "@/components/States";
import { Button } from "@/components/ui/button";

import { useAuth } from "./auth";

/** Where the user pool's page sends back to. The code in the address is used once, and taken off the address. */
export function SignedInPage() {
  const auth = useAuth();
  const router = useRouter();
  const [query] = useState(() => location.search);
  // A query of its own key: however often this renders, what is used up by its first use is sent once.
  const finished = useQuery({
    queryKey: ["signed-in", query],
    queryFn: () => auth.finishSignIn(new URLSearchParams(query)),
    retry: false,
    staleTime: Infinity,
  });
  useEffect(() => history.replaceState(history.state, "", location.pathname), []);
  useEffect(() => {
    if (finished.isSuccess) void router.navigate({ href: finished.data, replace: true });
  }, [finished.isSuccess, finished.data, router]);
  return (
    <Page title="Signing in">
      <main className="mx-auto w-full max-w-xl space-y-6 p-6">
        <h1 className="text-2xl font-bold">{finished.isError ? "Sign-in failed" : "Signing in"}</h1>
        {finished.isError ? (
          <>
            <ErrorState title="You are not signed in" error={finished.error} />
            <Button asChild>
              <Link to="/sign-in">Sign in again</Link>
            </Button>
          </>
        ) : (
          <PageLoading />
        )}
      </main>
    </Page>
  );
}
