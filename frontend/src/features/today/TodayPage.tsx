import { useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Landmark, ListTree, OctagonX, Siren, TriangleAlert } from "lucide-react";
import { useCallback, useMemo, useState, type ReactNode } from "react";

import { useApi } from "@/api/client";
import { Age } from "@/components/Age";
import { Later } from "@/components/Later";
import { Page, PageHeader } from "@/components/Page";
import { EmptyState, ErrorState, Loading } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { serverNow } from "@/lib/clock";
import { istDate, millisecondsOf } from "@/lib/moments";

import { Accounts } from "./Accounts";
import { Alarms } from "./Alarms";
import { alarmsOf } from "./alarm_rules";
import { DayStrip } from "./DayStrip";
import { dueWithoutRun } from "./due";
import { HaltBanner } from "./HaltBanner";
import { HaltDialog } from "./HaltDialog";
import { NextTick } from "./NextTick";
import { Orders } from "./Orders";
import { OpenPositions } from "./Positions";
import { Profit } from "./Profit";
import { ProfitOfDay } from "./ProfitOfDay";
import { comparisonQuery, dayQuery, haltsQuery, limitsQuery, meQuery, strategiesQuery } from "./queries";
import { EVERYTHING, namesOf, type Scope } from "./scopes";
import type { Comparison, Day, Halt, Limits, Me, Strategy } from "./shapes";
import { SquareOffDialog } from "./SquareOffDialog";
import { SquareOffs } from "./SquareOffProgress";
import { Timeline } from "./Timeline";
import { paceOf, QUICK_MS } from "./trading_day";
import { useToday } from "./useToday";

/** What today does and did, what needs a hand, and the ways to stop it. */
export function TodayPage() {
  const api = useApi();
  const today = useToday();
  const found = useQuery(dayQuery(api, today));
  const day = useLast(found.data);
  const every = paceOf(day, serverNow()) === QUICK_MS ? 10_000 : 30_000;
  const me = useQuery(meQuery(api));
  const strategies = useQuery(strategiesQuery(api));
  const halts = useQuery(haltsQuery(api, every));
  const limits = useQuery(limitsQuery(api, every));
  const others = { "your accounts": me, "your strategies": strategies, "what is halted": halts, "what your limits leave": limits };
  const missing = Object.entries(others).filter(([, { isError, data }]) => isError && data === undefined);
  const loading = [me, strategies, halts].some(({ isPending }) => isPending);
  return (
    <Page title="Today">
      {!day && found.isError ? (
        <>
          <PageHeader title="Today" />
          <ErrorState title="Your day could not be loaded" error={found.error} busy={found.isFetching} onRetry={() => void found.refetch()} />
        </>
      ) : !day || loading ? (
        <>
          <PageHeader title="Today" />
          <DayLoading />
        </>
      ) : (
        <ShownDay
            day={day}
            today={today}
            me={me.data}
            strategies={strategies.data ?? NO_STRATEGIES}
            known={strategies.data !== undefined}
            halts={halts.data ?? NO_HALTS}
            limits={limits.data}
            missing={missing.length > 0 && <Missing names={missing.map(([name]) => name)} onRetry={() => void Promise.all(missing.map(([, query]) => query.refetch()))} />}
          />
      )}
    </Page>
  );
}

const NO_STRATEGIES: readonly Strategy[] = [];
const NO_HALTS: readonly Halt[] = [];

type Shown = {
  day: Day;
  today: string;
  me: Me | undefined;
  strategies: readonly Strategy[];
  /** Whether the strategies were loaded. */
  known: boolean;
  halts: readonly Halt[];
  limits: Limits | undefined;
  missing: ReactNode;
};

function ShownDay({ day, today, me, strategies, known, halts, limits, missing }: Shown) {
  const [squared, setSquared] = useState<Scope | null>(null);
  const [halting, setHalting] = useState(false);
  const closeSquared = useCallback(() => setSquared(null), []);
  const closeHalting = useCallback(() => setHalting(false), []);
  const { date, kind, session, sessions, runs, orders, positions } = day;
  const calendar = useMemo(() => ({ date, kind, session, sessions, runs }), [date, kind, session, sessions, runs]);
  const names = useMemo(() => namesOf(runs, me, strategies), [runs, me, strategies]);
  const due = useMemo(() => dueWithoutRun({ date, kind, runs }, strategies, halts, names), [date, kind, runs, strategies, halts, names]);
  const comparisons = useComparisons(me);
  const alarms = useMemo(() => alarmsOf(runs, me, comparisons, names), [runs, me, comparisons, names]);
  const quick = paceOf(day, serverNow()) === QUICK_MS;
  const empty = runs.length === 0 ? emptyOf(me, known ? strategies : undefined) : null;
  return (
    <>
      <PageHeader
        title="Today"
        description={
          <>
            {istDate(`${date}T00:00:00+05:30`)}: {session}. All times are IST. <Age at={day.as_of} staleAfter={quick ? 10 : 90} className="whitespace-nowrap" />
          </>
        }
        actions={
          <>
            <Button variant="secondary" onClick={() => setHalting(true)}>
              <OctagonX aria-hidden />
              Halt entries
            </Button>
            <Button variant="danger" onClick={() => setSquared(EVERYTHING)}>
              <Siren aria-hidden />
              Square off
            </Button>
          </>
        }
      />
      <HaltBanner halts={halts} names={names} />
      <SquareOffs names={names} onAgain={setSquared} />
      {missing}
      {date !== today && <p className="rounded-md bg-warning-soft px-3 py-2.5 font-medium text-warning">This is the day before: today is not loaded yet.</p>}
      <Alarms alarms={alarms} />
      {empty ?? (
        <>
          <Card className="@container divide-y *:px-4 *:py-3" aria-label="The day so far">
            <div className="flex flex-wrap justify-between gap-x-8 gap-y-4 @3xl:flex-nowrap">
              <Profit money={day.money} paper={day.paper} markedAt={day.marked_at} open={positions.some(({ net }) => net !== 0)} limits={limits?.today.date === date ? limits : undefined} />
              {date === today && <NextTick day={day} due={due} strategies={strategies} known={known} />}
            </div>
            <DayStrip day={calendar} due={due} running={date === today} />
            {me && <Accounts accounts={me.accounts} />}
          </Card>
          <Later>
            {(kind !== "CLOSED" || runs.length > 0) && <ProfitOfDay day={calendar} markedAt={day.marked_at} />}
            <Timeline
              date={date}
              runs={runs}
              orders={orders}
              positions={positions}
              due={due}
              minute={Math.floor(millisecondsOf(day.as_of) / 60_000) * 60_000}
              known={known}
              names={names}
              onSquareOff={setSquared}
            />
            <OpenPositions positions={positions} names={names} />
            <Orders orders={orders} names={names} />
          </Later>
        </>
      )}
      <SquareOffDialog asked={squared} onClose={closeSquared} day={day} names={names} />
      <HaltDialog open={halting} onClose={closeHalting} halts={halts} names={names} />
    </>
  );
}

/** The comparisons of the accounts that have a book at a broker. */
function useComparisons(me: Me | undefined): readonly Comparison[] {
  const api = useApi();
  const compared = me?.accounts.filter(({ broker, enabled }) => enabled && broker !== "paper") ?? [];
  return useQueries({ queries: compared.map(({ account_id }) => comparisonQuery(api, account_id)), combine: dataOf });
}

const dataOf = (answers: UseQueryResult<Comparison>[]) => answers.flatMap(({ data }) => data ?? []);

/** What was there last, also while something newer cannot be had: over midnight, say. */
function useLast<Data>(data: Data | undefined): Data | undefined {
  const [last, setLast] = useState(data);
  if (data !== undefined && data !== last) setLast(data);
  return data ?? last;
}

function emptyOf(me: Me | undefined, strategies: readonly Strategy[] | undefined): ReactNode {
  if (me?.accounts.length === 0) {
    return (
      <EmptyState
        icon={Landmark}
        title="No account is linked yet"
        action={
          <Button asChild>
            <Link to="/brokers">Link an account</Link>
          </Button>
        }
      >
        Strategies trade in accounts at brokers. Link one first; then build a strategy for it.
      </EmptyState>
    );
  }
  if (strategies?.length !== 0) return null;
  return (
    <EmptyState
      icon={ListTree}
      title="There is no strategy yet"
      action={
        <Button asChild>
          <Link to="/strategies">Create a strategy</Link>
        </Button>
      }
    >
      Once a strategy is enabled, this page shows when it enters next and what became of its orders.
    </EmptyState>
  );
}

function Missing({ names, onRetry }: { names: readonly string[]; onRetry: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-md bg-warning-soft px-3 py-2.5 text-warning">
      <TriangleAlert className="size-4 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1 basis-56">Could not be loaded, so it is not known here: {names.join(", ")}.</p>
      <Button variant="secondary" size="small" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

function DayLoading() {
  return (
    <Loading label="Your day is loading">
      <div className="space-y-6">
        <Skeleton className="h-60" />
        <Skeleton className="h-72" />
        <Skeleton className="h-40" />
      </div>
    </Loading>
  );
}
