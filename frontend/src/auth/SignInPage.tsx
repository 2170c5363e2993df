import { useMutation } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";

import { useConfig } from "@/app/config";
import { Page } from "@/components/Page";
import { Problem } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";

import { useAuth, useSession, type HowToSignIn } from "./auth";
import { CodeForm } from "./CodeForm";
import type { HostedPage } from "./hosted";
import { PasswordForm } from "./PasswordForm";
import { explain, safeReturn } from "./provider";

/** The way in. What happens after it is decided by the guard of the router, which sees the new session. */
export function SignInPage() {
  const auth = useAuth();
  const session = useSession();
  const { environment } = useConfig();
  const { to } = useSearch({ from: "/sign-in" });
  const entering = useMutation({
    mutationFn: (how: Omit<HowToSignIn, "returnTo">) => auth.signIn({ returnTo: safeReturn(to), ...how }).catch(explain),
    // A password is not kept for longer than it is used.
    gcTime: 0,
  });
  return (
    <Page title="Sign in">
      <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-4 p-4">
        <header className="flex items-center justify-between gap-3">
          <h1 className="text-2xl font-bold">Legwise</h1>
          <Badge tone="info">{environment}</Badge>
        </header>
        <Card className="space-y-4 p-5">
          {session.status === "signed-out" && session.why && <p role="status">{session.why}</p>}
          {entering.isError && <Problem error={entering.error} />}
          {auth.kind === "hosted" ? (
            <HostedWays busy={entering.isPending} onChoose={(page) => entering.mutate({ page })} />
          ) : entering.data ? (
            <CodeForm wanted={entering.data} onBack={() => entering.reset()} />
          ) : (
            <PasswordForm busy={entering.isPending} demo={auth.demo} onSubmit={(credentials) => entering.mutate(credentials)} />
          )}
        </Card>
      </main>
    </Page>
  );
}

/** Each is a page of the user pool, which leads back here. */
function HostedWays({ busy, onChoose }: { busy: boolean; onChoose: (page: HostedPage) => void }) {
  return (
    <>
      <Button className="w-full" busy={busy} onClick={() => onChoose("sign-in")}>
        Sign in
      </Button>
      <Button variant="secondary" className="w-full" busy={busy} onClick={() => onChoose("sign-up")}>
        Create an account
      </Button>
      <Button variant="link" size="text" className="mx-auto flex" busy={busy} onClick={() => onChoose("forgotten-password")}>
        Forgot the password?
      </Button>
    </>
  );
}
