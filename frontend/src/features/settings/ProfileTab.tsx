import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";

import { useApi } from "@/api/client";
import { useAuth, useSession } from "@/auth/auth";
import { Age } from "@/components/Age";
import { Copyable } from "@/components/Copyable";
import { ErrorState, Loading } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { integer } from "@/lib/format";

import { Fact } from "./Fact";
import { meQuery } from "./queries";
import { SignInTimes } from "./SignInTimes";

/** Who is signed in, and the way out. */
export function ProfileTab() {
  const api = useApi();
  const auth = useAuth();
  const session = useSession();
  const me = useQuery(meQuery(api));
  return (
    <div className="space-y-4">
      {me.isError && !me.data ? (
        <ErrorState title="Your profile could not be loaded" error={me.error} busy={me.isFetching} onRetry={() => void me.refetch()} />
      ) : !me.data ? (
        <Loading label="Your profile is loading">
          <Skeleton className="h-52" />
        </Loading>
      ) : (
        <Card aria-label="Profile">
          <CardHeader>
            <CardTitle>{session.status === "signed-in" ? session.who : "Signed out"}</CardTitle>
            <Age at={me.dataUpdatedAt} staleAfter={120} />
          </CardHeader>
          <CardContent>
            <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-[10rem_1fr]">
              <Fact name="User id">
                <Copyable text={me.data.user_id} label="the user id" />
              </Fact>
              <Fact name="Environment">{me.data.environment}</Fact>
              <SignInTimes />
              <Fact name="New entries">
                {me.data.halted === null ? "allowed" : <Badge tone="warning">{me.data.halted}</Badge>}
              </Fact>
              <Fact name="Linked accounts">{integer(me.data.accounts.length)}</Fact>
            </dl>
          </CardContent>
        </Card>
      )}
      <Button variant="secondary" onClick={() => void auth.signOut()}>
        <LogOut aria-hidden />
        Sign out
      </Button>
    </div>
  );
}
