import { useQuery } from "@tanstack/react-query";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";

import { Age } from "@/components/Age";
import { ErrorState, Loading, Problem } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import type { Identity } from "@/lib/config";

import { ASKED_EVERY_SECONDS, secondFactorQuery, useNewKey, useOwnAccount } from "./queries";
import { SetUpDialog } from "./SetUpDialog";
import { TurnOffDialog } from "./TurnOffDialog";

/** Whether a sign-in asks for a code of an app, and the way to change that. */
export function AuthenticatorCard({ identity }: { identity: Identity }) {
  const account = useOwnAccount(identity);
  const state = useQuery(secondFactorQuery(account));
  const newKey = useNewKey(account);
  const [open, setOpen] = useState<"set-up" | "turn-off" | null>(null);
  const close = () => {
    setOpen(null);
    newKey.reset();
  };
  const setUp = () => {
    setOpen("set-up");
    newKey.mutate();
  };
  if (state.isError && state.data === undefined) {
    return <ErrorState title="The authenticator app could not be asked about" error={state.error} busy={state.isFetching} onRetry={() => void state.refetch()} />;
  }
  if (state.data === undefined) {
    return (
      <Loading label="Your authenticator app is loading">
        <Skeleton className="h-40" />
      </Loading>
    );
  }
  return (
    <Card aria-label="Authenticator app">
      <CardHeader>
        <CardTitle className="flex flex-wrap items-center gap-2">
          Authenticator app
          {state.data ? (
            <Badge tone="positive">
              <ShieldCheck aria-hidden />
              On
            </Badge>
          ) : (
            <Badge tone="warning">
              <ShieldAlert aria-hidden />
              Off
            </Badge>
          )}
        </CardTitle>
        <Age at={state.dataUpdatedAt} staleAfter={2 * ASKED_EVERY_SECONDS} />
      </CardHeader>
      <CardContent className="space-y-3">
        {state.isError && <Problem error={state.error} />}
        <p className="max-w-prose">
          {state.data
            ? "A sign-in asks for your password and for the code that your authenticator app shows. For another phone, turn it off and set it up again."
            : "The password alone signs in. With an authenticator app on your phone, a sign-in asks for its six-digit code as well: a password that somebody else learns is then not enough to trade in your accounts."}
        </p>
        {state.data ? (
          <Button variant="secondary" onClick={() => setOpen("turn-off")}>
            Turn off
          </Button>
        ) : (
          <Button onClick={setUp}>Set up</Button>
        )}
      </CardContent>
      <SetUpDialog open={open === "set-up"} account={account} newKey={newKey} onClose={close} />
      <TurnOffDialog open={open === "turn-off"} account={account} onClose={close} />
    </Card>
  );
}
