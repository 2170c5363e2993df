import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { useApi } from "@/api/client";
import { Page, PageHeader } from "@/components/Page";
import { ErrorState, Loading } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toasts";

import { callbackAnswer, takePendingLogin } from "./pending_login";
import { finishLogin } from "./queries";

/** Where a broker's login page sends back to: what it brought is exchanged for a session, once. */
export function CallbackPage() {
  const api = useApi();
  const router = useRouter();
  const queries = useQueryClient();
  const [query] = useState(() => location.search);
  // A query of its own key: however often this renders, what is used up by its first use is sent once.
  const finished = useQuery({
    queryKey: ["broker-callback", query],
    queryFn: async () => {
      const { account_id, answer } = callbackAnswer(new URLSearchParams(query), takePendingLogin());
      return finishLogin(api, account_id, answer);
    },
    retry: false,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const { isSuccess, data } = finished;

  // The code is not left in the address, where it would be in the history and in what is copied from it.
  useEffect(() => history.replaceState(history.state, "", location.pathname), []);
  useEffect(() => {
    if (!isSuccess) return;
    toast.done(`${data.label} is logged in.`);
    void queries.invalidateQueries({ queryKey: ["accounts"] });
    void router.navigate({ to: "/brokers", replace: true });
  }, [isSuccess, data, queries, router]);

  return (
    <Page title="Broker login">
      <PageHeader title={finished.isError ? "The login was not finished" : "The login is being finished"} />
      {finished.isError ? (
        <>
          <ErrorState title="The account is not logged in by this" error={finished.error} />
          <Button asChild>
            <Link to="/brokers">Go to Brokers and log in again</Link>
          </Button>
        </>
      ) : (
        <Loading label="The broker is being asked for the session">
          <Skeleton className="h-40" />
        </Loading>
      )}
    </Page>
  );
}
