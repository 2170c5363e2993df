import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis, FileDown, FileUp, FolderPlus, ListTree, Plus } from "lucide-react";
import { useCallback, useState } from "react";

import { useApi, type Api } from "@/api/client";
import { problemFrom } from "@/api/problem";
import { Age } from "@/components/Age";
import { Page, PageHeader } from "@/components/Page";
import { EmptyState, ErrorState, Loading } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Menu } from "@/components/ui/menu";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toasts";
import { serverNow } from "@/lib/clock";
import { download } from "@/lib/download";
import { istDay } from "@/lib/moments";

import { BasketDialog } from "./BasketDialog";
import { FilterBar, passes, NO_FILTER, type Filter } from "./FilterBar";
import { ImportDialog } from "./ImportDialog";
import type { Basket, Strategy } from "./model";
import { bySoonest } from "./order";
import { basketsQuery, exported, reportQuery, runsQuery, strategiesQuery } from "./queries";
import type { Results } from "./RecentResults";
import { StrategyGroup } from "./StrategyGroup";
import { TemplateList } from "./TemplateList";

const DAY_MS = 86_400_000;

type Shown = "basket" | "import" | null;

/** All strategies by their baskets: whether each would trade, when, and all that is done with them. */
export function StrategiesPage() {
  const api = useApi();
  const strategies = useQuery(strategiesQuery(api));
  const baskets = useQuery(basketsQuery(api));
  // Both are beside the point of the page: where they cannot be had, they are left out.
  const today = istDay(serverNow());
  const runs = useQuery(runsQuery(api, today));
  const week = useQuery(reportQuery(api, istDay(serverNow() - 6 * DAY_MS), today));
  const [shown, setShown] = useState<Shown>(null);
  const close = useCallback(() => setShown(null), []);
  const failed = [strategies, baskets].find((query) => query.isError && query.data === undefined);
  const loaded = strategies.data !== undefined && baskets.data !== undefined;
  return (
    <Page title="Strategies">
      <PageHeader
        title="Strategies"
        description="What trades, when, and in which accounts. All times are IST."
        actions={
          <>
            <Button asChild>
              <Link to="/strategies/new">
                <Plus aria-hidden />
                New strategy
              </Link>
            </Button>
            <Menu
              button={{ variant: "secondary", "aria-label": "More for all strategies", children: <Ellipsis aria-hidden /> }}
              items={[
                { label: "New basket", icon: FolderPlus, onSelect: () => setShown("basket") },
                { label: "Import a file", icon: FileUp, onSelect: () => setShown("import") },
                { label: "Export all as YAML", icon: FileDown, onSelect: () => void exportAll(api, "yaml"), apart: true },
                { label: "Export all as JSON", icon: FileDown, onSelect: () => void exportAll(api, "json") },
              ]}
            />
          </>
        }
      />
      {failed ? (
        <ErrorState
          title="Your strategies could not be loaded"
          error={failed.error}
          busy={strategies.isFetching || baskets.isFetching}
          onRetry={() => void Promise.all([strategies.refetch(), baskets.refetch()])}
        />
      ) : !loaded ? (
        <StrategiesLoading />
      ) : strategies.data.length === 0 && baskets.data.length === 0 ? (
        <NoStrategies onImport={() => setShown("import")} />
      ) : (
        <Groups strategies={strategies.data} baskets={baskets.data} results={{ runs: runs.data, week: week.data }} at={strategies.dataUpdatedAt} />
      )}
      {loaded && <BasketDialog open={shown === "basket"} onClose={close} taken={baskets.data.map(({ basket_id }) => basket_id)} />}
      <ImportDialog open={shown === "import"} onClose={close} />
    </Page>
  );
}

async function exportAll(api: Api, format: "yaml" | "json"): Promise<void> {
  try {
    const { filename, content } = await exported(api, format);
    download(filename, content, format);
  } catch (error) {
    toast.failed(`Nothing was exported: ${problemFrom(error).message}`);
  }
}

function Groups({ strategies, baskets, results, at }: { strategies: Strategy[]; baskets: Basket[]; results: Results; at: number }) {
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const nameOf = (id: string | null | undefined) => baskets.find(({ basket_id }) => basket_id === id)?.definition.name;
  const found = bySoonest(strategies).filter((strategy) => passes(strategy, filter, nameOf(strategy.definition.basket_id)));
  const filtered = filter !== NO_FILTER;
  const within = (basket_id: string) => found.filter(({ definition }) => definition.basket_id === basket_id);
  const alone = found.filter(({ definition }) => nameOf(definition.basket_id) === undefined);
  const common = { baskets, results, taken: strategies.map(({ strategy_id }) => strategy_id) };
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <FilterBar filter={filter} onChange={setFilter} />
        <Age at={at} staleAfter={90} />
      </div>
      <p role="status" className="sr-only">
        {filtered && `${found.length} of ${strategies.length} strategies shown`}
      </p>
      {filtered && found.length === 0 ? (
        <EmptyState icon={ListTree} title="No strategy fits" action={<Button variant="secondary" onClick={() => setFilter(NO_FILTER)}>Show all</Button>}>
          None of your {strategies.length} strategies fits the search and the filters.
        </EmptyState>
      ) : (
        <>
          {baskets.map((basket) => {
            const members = within(basket.basket_id);
            return filtered && members.length === 0 ? null : <StrategyGroup key={basket.basket_id} basket={basket} strategies={members} {...common} />;
          })}
          {alone.length > 0 && <StrategyGroup basket={null} strategies={alone} {...common} />}
        </>
      )}
    </div>
  );
}

function NoStrategies({ onImport }: { onImport: () => void }) {
  return (
    <>
      <EmptyState
        icon={ListTree}
        title="No strategy is there yet"
        action={
          <Button variant="secondary" onClick={onImport}>
            <FileUp aria-hidden />
            Import a file
          </Button>
        }
      >
        A strategy says what to trade, when and in which accounts. Begin with one of these, or import a file. Whatever is new is disabled until you enable it.
      </EmptyState>
      <TemplateList />
    </>
  );
}

function StrategiesLoading() {
  return (
    <Loading label="Your strategies are loading">
      <div className="space-y-4">
        <Skeleton className="h-9 max-w-xl" />
        <Skeleton className="h-40" />
        <Skeleton className="h-40" />
      </div>
    </Loading>
  );
}
