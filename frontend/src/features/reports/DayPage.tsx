import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { CalendarX2, ChevronLeft, ChevronRight } from "lucide-react";

import { useApi } from "@/api/client";
import { Age } from "@/components/Age";
import { Delta, Money } from "@/components/Money";
import { Page, PageHeader } from "@/components/Page";
import { EmptyState, ErrorState, Loading } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { meQuery } from "@/features/today/queries";
import { namesOf } from "@/features/today/scopes";
import { serverNow } from "@/lib/clock";
import { money } from "@/lib/format";
import { istDate, istDay } from "@/lib/moments";

import { CsvButton } from "./CsvButton";
import { ORDER_COLUMNS } from "./order_columns";
import { dayQuery } from "./queries";
import { addDays, isDate } from "./ranges";
import { RunCard } from "./RunCard";
import type { Day } from "./shapes";
import { SLIPPAGE_TOLD } from "./words";

const OLD_S = 15 * 60;

/** The runs of one past day, each with all its orders. */
export function DayPage() {
  const api = useApi();
  const { date } = useParams({ from: "/inside/reports/$date" });
  const day = useQuery(dayQuery(api, date));
  const title = isDate(date) ? istDate(`${date}T00:00:00+05:30`) : date;
  return (
    <Page title={title}>
      <PageHeader title={title} description={day.data ? `${day.data.session}. All times are IST.` : "All times are IST."} actions={<Ways date={date} />} />
      {day.isError && !day.data ? (
        <ErrorState title="This day could not be loaded" error={day.error} busy={day.isFetching} onRetry={() => void day.refetch()} />
      ) : !day.data ? (
        <Loading label="The day is loading">
          <div className="space-y-4">
            <Skeleton className="h-40" />
            <Skeleton className="h-40" />
          </div>
        </Loading>
      ) : (
        <Runs day={day.data} />
      )}
    </Page>
  );
}

function Runs({ day }: { day: Day }) {
  // For the names of accounts only: without them their ids are shown.
  const me = useQuery(meQuery(useApi()));
  const names = namesOf(day.runs, me.data, []);
  const known = day.runs.map(({ run_id }) => run_id);
  const strays = day.orders.filter(({ run_id }) => !known.includes(run_id));
  if (day.runs.length === 0 && strays.length === 0) {
    return (
      <EmptyState icon={CalendarX2} title="Nothing ran on this day">
        {day.session}. Choose another day in the calendar of the reports.
      </EmptyState>
    );
  }
  return (
    <section className="space-y-4" aria-label="Runs">
      <Result day={day} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <CsvButton label="Export the orders as CSV" filename={`legwise-orders-${day.date}.csv`} columns={ORDER_COLUMNS} rows={day.orders} />
        <Age at={day.as_of} staleAfter={OLD_S} />
      </div>
      {day.runs.map((run) => (
        <RunCard key={run.run_id} run={run} orders={day.orders.filter(({ run_id }) => run_id === run.run_id)} names={names} />
      ))}
      {strays.length > 0 && <RunCard run={null} orders={strays} names={names} />}
      {day.orders.length > 0 && <p className="text-xs text-muted-foreground">{SLIPPAGE_TOLD}</p>}
    </section>
  );
}

/** What the day made, as the API adds it up, with money and on paper apart. */
function Result({ day: { orders, runs, money: withMoney, paper } }: { day: Day }) {
  const onlyPaper = paper !== null && runs.length > 0 && runs.every((run) => run.paper);
  const sides = [...(onlyPaper ? [] : [{ name: "With money", ...withMoney }]), ...(paper ? [{ name: "On paper", ...paper }] : [])];
  if (orders.length === 0) return null;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      {sides.map(({ name, profit, realised }) => (
        <div key={name}>
          <dt className="text-xs text-muted-foreground">{name}, before charges</dt>
          <dd className="flex flex-wrap items-baseline gap-x-2">
            {profit === null ? <span>not known: something open has no price, or a fill has none</span> : <Delta value={profit} className="text-lg" />}
            {realised !== null && (profit === null || money(profit) !== money(realised)) && (
              <span className="text-muted-foreground">
                {profit !== null && "with what is open; "}
                <Money value={realised} /> realised
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** To the day before, to the day after unless that is to come, and back. */
function Ways({ date }: { date: string }) {
  const today = istDay(serverNow());
  return (
    <>
      {isDate(date) && (
        <Button asChild variant="secondary">
          <Link to="/reports/$date" params={{ date: addDays(date, -1) }} aria-label="The day before">
            <ChevronLeft aria-hidden />
            Before
          </Link>
        </Button>
      )}
      {isDate(date) && date < today && (
        <Button asChild variant="secondary">
          <Link to="/reports/$date" params={{ date: addDays(date, 1) }} aria-label="The day after">
            After
            <ChevronRight aria-hidden />
          </Link>
        </Button>
      )}
      <Button asChild variant="ghost">
        <Link to="/reports">All reports</Link>
      </Button>
    </>
  );
}
