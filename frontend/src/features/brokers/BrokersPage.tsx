import { useQuery } from "@tanstack/react-query";
import { Landmark, Plus } from "lucide-react";
import { useCallback, useState } from "react";

import { useApi } from "@/api/client";
import type { Account, Broker } from "@/api/types";
import { Age } from "@/components/Age";
import { Page, PageHeader } from "@/components/Page";
import { EmptyState, ErrorState, Loading } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";

import { AccountCard } from "./AccountCard";
import { EgressAddresses } from "./EgressAddresses";
import { LinkDialog } from "./LinkDialog";
import { accountsQuery, brokersQuery } from "./queries";

/** The linked accounts, whether each can trade, and all that is done with them. */
export function BrokersPage() {
  const api = useApi();
  const accounts = useQuery(accountsQuery(api));
  const brokers = useQuery(brokersQuery(api));
  const [linking, setLinking] = useState(false);
  const closeLinking = useCallback(() => setLinking(false), []);
  const failed = [accounts, brokers].find((query) => query.isError && query.data === undefined);
  const link = (
    <Button disabled={!brokers.data || !accounts.data} onClick={() => setLinking(true)}>
      <Plus aria-hidden />
      Link an account
    </Button>
  );
  return (
    <Page title="Brokers">
      <PageHeader title="Brokers" description="The accounts that your strategies trade in, and their sessions. All times are IST." actions={link} />
      {failed ? (
        <ErrorState
          title="Your accounts could not be loaded"
          error={failed.error}
          busy={accounts.isFetching || brokers.isFetching}
          onRetry={() => void Promise.all([accounts.refetch(), brokers.refetch()])}
        />
      ) : !accounts.data || !brokers.data ? (
        <AccountsLoading />
      ) : accounts.data.length === 0 ? (
        <EmptyState icon={Landmark} title="No account is linked yet" action={link}>
          Link an account at a broker to trade in it. To try without money, link one at a broker and a paper account on top, which fills at its quotes.
        </EmptyState>
      ) : (
        <section className="space-y-3" aria-label="Linked accounts">
          <p className="text-right">
            <Age at={accounts.dataUpdatedAt} staleAfter={90} />
          </p>
          <Accounts accounts={accounts.data} brokers={brokers.data} />
        </section>
      )}
      {accounts.data && brokers.data && <EgressAddresses accounts={accounts.data} />}
      {accounts.data && brokers.data && <LinkDialog open={linking} onClose={closeLinking} accounts={accounts.data} brokers={brokers.data} />}
    </Page>
  );
}

function Accounts({ accounts, brokers }: { accounts: Account[]; brokers: Broker[] }) {
  return (
    <ul className="grid gap-4 lg:grid-cols-2">
      {accounts.map((account) => (
        <li key={account.account_id}>
          <AccountCard account={account} broker={brokers.find(({ name }) => name === account.broker)} accounts={accounts} brokers={brokers} />
        </li>
      ))}
    </ul>
  );
}

function AccountsLoading() {
  return (
    <Loading label="Your accounts are loading">
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-48" />
        <Skeleton className="h-48" />
      </div>
    </Loading>
  );
}
