import { useQuery } from "@tanstack/react-query";

import { useApi } from "@/api/client";
import type { Account, EgressRoute } from "@/api/types";
import { Copyable } from "@/components/Copyable";
import { ErrorState, Loading } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";

import { egressQuery } from "./queries";

/** The addresses from which brokers see orders come: each broker takes those only that are registered with it. */
export function EgressAddresses({ accounts }: { accounts: Account[] }) {
  const routes = useQuery(egressQuery(useApi()));
  return (
    <Card aria-label="Addresses to register">
      <CardHeader>
        <div className="min-w-0 space-y-1">
          <CardTitle>Addresses to register</CardTitle>
          <p className="max-w-prose text-muted-foreground">
            Brokers take orders of programs from a static address only that is registered with them. Enter the address of an account's egress route at its broker.
          </p>
        </div>
      </CardHeader>
      <CardContent>
        {routes.data ? (
          <ul className="divide-y">
            {routes.data.map((route) => (
              <Route key={route.name} route={route} accounts={accounts.filter(({ egress }) => egress === route.name)} />
            ))}
          </ul>
        ) : routes.isError ? (
          <ErrorState title="The addresses could not be loaded" error={routes.error} busy={routes.isFetching} onRetry={() => void routes.refetch()} />
        ) : (
          <Loading label="The addresses are loading">
            <Skeleton className="h-10" />
          </Loading>
        )}
      </CardContent>
    </Card>
  );
}

function Route({ route, accounts }: { route: EgressRoute; accounts: Account[] }) {
  return (
    <li className="grid gap-2 py-3 first:pt-0 last:pb-0 sm:grid-cols-2 sm:items-center">
      <div className="flex min-w-0 flex-wrap items-center gap-1.5">
        <span className="font-medium wrap-break-word">{route.name}</span>
        {accounts.map(({ account_id, label }) => (
          <Badge key={account_id}>{label}</Badge>
        ))}
      </div>
      {route.address ? (
        <Copyable text={route.address} label={`the address of ${route.name}`} />
      ) : (
        <p className="text-muted-foreground">No static address is configured: brokers that want one refuse its orders.</p>
      )}
    </li>
  );
}
