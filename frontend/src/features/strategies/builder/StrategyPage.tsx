import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";

import { useApi } from "@/api/client";
import { problemFrom } from "@/api/problem";
import type { Account } from "@/api/types";
import { Page, PageHeader } from "@/components/Page";
import { ErrorState, Loading } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";

import { definitionOf, legOf, type Definition } from "../model";
import { accountsQuery, basketsQuery, strategiesQuery, strategyQuery } from "../queries";
import { TEMPLATES } from "../templates";
import { Builder, pageOf } from "./Builder";

/** Makes a strategy, empty or from a template. */
export function NewStrategyPage() {
  const { template } = useSearch({ strict: false });
  const api = useApi();
  const accounts = useQuery(accountsQuery(api));
  const baskets = useQuery(basketsQuery(api));
  const strategies = useQuery(strategiesQuery(api));
  const queries = [accounts, baskets, strategies];
  if (!accounts.data || !baskets.data || !strategies.data) return <Waiting title="New strategy" queries={queries} />;
  const chosen = TEMPLATES.find(({ id }) => id === template);
  const page = chosen ? `new:${chosen.id}` : "new";
  return (
    <Builder
      key={page}
      page={page}
      stored={{ strategy_id: null, version: 0, definition: beginningOf(chosen?.definition ?? EMPTY, accounts.data), will_not_trade: [] }}
      accounts={accounts.data}
      baskets={baskets.data}
      taken={strategies.data.map(({ strategy_id }) => strategy_id)}
    />
  );
}

const EMPTY = definitionOf({ name: "New strategy", legs: [legOf({ side: "SELL", right: "CE" })] });

/** A lot in every account that may trade, so that it can be saved and previewed at once; where all are paper, in those. */
function beginningOf(definition: Definition, accounts: readonly Account[]): Definition {
  const enabled = accounts.filter((account) => account.enabled);
  const live = enabled.filter(({ broker }) => broker !== "paper");
  const chosen = live.length > 0 ? live : enabled;
  const legs = definition.legs.map((leg) => ({ ...leg, lots: Math.max(1, chosen.length) }));
  return { ...definition, legs, allocation: chosen.map(({ account_id }) => ({ account_id, weight: 1 })) };
}

/** Changes a stored strategy. */
export function StrategyPage() {
  const { strategyId = "" } = useParams({ strict: false });
  const api = useApi();
  const stored = useQuery(strategyQuery(api, strategyId));
  const accounts = useQuery(accountsQuery(api));
  const baskets = useQuery(basketsQuery(api));
  if (!stored.data || !accounts.data || !baskets.data) return <Waiting title="Strategy" queries={[stored, accounts, baskets]} />;
  return <Builder key={strategyId} page={pageOf(strategyId)} stored={stored.data} accounts={accounts.data} baskets={baskets.data} taken={[]} />;
}

type Waited = { isError: boolean; error: Error | null; data: unknown; isFetching: boolean; refetch: () => unknown };

function Waiting({ title, queries }: { title: string; queries: readonly Waited[] }) {
  const failed = queries.find((query) => query.isError && query.data === undefined);
  const gone = failed && problemFrom(failed.error).kind === "gone";
  return (
    <Page title={title}>
      <PageHeader
        title={title}
        actions={
          <Button asChild variant="secondary">
            <Link to="/strategies">All strategies</Link>
          </Button>
        }
      />
      {failed ? (
        <ErrorState
          title={gone ? "It is not there" : "It could not be loaded"}
          error={failed.error}
          busy={queries.some(({ isFetching }) => isFetching)}
          onRetry={() => {
            for (const query of queries) void query.refetch();
          }}
        />
      ) : (
        <Loading label="The strategy is loading">
          <div className="grid gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <div className="space-y-4">
              <Skeleton className="h-40" />
              <Skeleton className="h-64" />
            </div>
            <Skeleton className="h-80" />
          </div>
        </Loading>
      )}
    </Page>
  );
}
