import { ChartNoAxesColumn } from "lucide-react";
import { lazy } from "react";

import { Later } from "@/components/Later";
import { EmptyState } from "@/components/States";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { istDate } from "@/lib/moments";

import { Calendar } from "./Calendar";
import { ChartFrame } from "./ChartFrame";
import { ACCOUNT_COLUMNS, DAY_COLUMNS, LEG_COLUMNS, STRATEGY_COLUMNS } from "./columns";
import { ResultTable } from "./ResultTable";
import type { Book, BookName, Report } from "./shapes";
import { Summary } from "./Summary";
import { Timing } from "./Timing";
import { SLIPPAGE_TOLD } from "./words";

const EquityCurve = lazy(() => import("./EquityCurve"));

/** All that a report tells of what was traded with money, or on paper. */
export function BookView({ name, report }: { name: BookName; report: Report }) {
  const book = report[name];
  const range = { from: report.first, to: report.last };
  if (book.days.length === 0) return <NothingTraded name={name} report={report} />;
  return (
    <div className="space-y-6">
      <Summary total={book.total} />
      <Unknown book={book} />
      <section className="space-y-3" aria-labelledby="calendar">
        <h2 id="calendar" className="text-base font-semibold">
          Profit by day
        </h2>
        <Calendar range={range} days={book.days} withoutOrders={report.without_orders} />
      </section>
      <Later>
        <section className="space-y-3" aria-labelledby="equity">
          <h2 id="equity" className="text-base font-semibold">
            Equity
          </h2>
          <ChartFrame label="Equity by day">
            <EquityCurve days={book.days} />
          </ChartFrame>
        </section>
        <div className="space-y-2">
          <Tables name={name} book={book} range={range} />
          <p className="text-xs text-muted-foreground">{SLIPPAGE_TOLD}</p>
        </div>
        <Timing times={book.timing} range={range} book={name} />
      </Later>
    </div>
  );
}

function Tables({ name, book, range }: { name: BookName; book: Book; range: { from: string; to: string } }) {
  const file = (what: string) => `legwise-${what}-${name}-${range.from}-${range.to}.csv`;
  return (
    <Tabs defaultValue="days" className="space-y-1">
      <TabsList aria-label="Tables">
        <TabsTrigger value="days">By day</TabsTrigger>
        <TabsTrigger value="strategies">By strategy</TabsTrigger>
        <TabsTrigger value="legs">By leg</TabsTrigger>
        <TabsTrigger value="accounts">By account</TabsTrigger>
      </TabsList>
      <TabsContent value="days">
        <ResultTable label="Results by day" filename={file("days")} columns={DAY_COLUMNS} rows={book.days} keyOf={({ date }) => date} />
      </TabsContent>
      <TabsContent value="strategies">
        <ResultTable label="Results by strategy" filename={file("strategies")} columns={STRATEGY_COLUMNS} rows={book.strategies} keyOf={({ strategy_id }) => strategy_id} />
      </TabsContent>
      <TabsContent value="legs">
        <ResultTable label="Results by leg" filename={file("legs")} columns={LEG_COLUMNS} rows={book.legs} keyOf={({ strategy_id, leg }) => `${strategy_id} ${leg}`} />
      </TabsContent>
      <TabsContent value="accounts">
        <ResultTable label="Results by account" filename={file("accounts")} columns={ACCOUNT_COLUMNS} rows={book.accounts} keyOf={({ account_id }) => account_id} />
      </TabsContent>
    </Tabs>
  );
}

/** From which day on sums are not known, and why. */
function Unknown({ book }: { book: Book }) {
  const first = book.days.find(({ realised }) => realised === null);
  if (!first) return null;
  return (
    <p className="rounded-md bg-warning-soft px-3 py-2.5 text-warning">
      On {istDate(`${first.date}T00:00:00+05:30`)} an order was filled without a price. Its profit is not known, so neither is the equity from then on, nor any sum with it.
    </p>
  );
}

function NothingTraded({ name, report }: { name: BookName; report: Report }) {
  const idle = report.without_orders.length > 0;
  return (
    <>
      <EmptyState icon={ChartNoAxesColumn} title={name === "money" ? "Nothing was traded with money" : "Nothing was traded on paper"}>
        {name === "money"
          ? "Choose other days, or look at what was traded on paper."
          : "Choose other days. To trade on paper, link a paper account on the page Brokers and let a strategy trade in it."}
      </EmptyState>
      {idle && (
        <section className="mt-6 space-y-3" aria-labelledby="calendar">
          <h2 id="calendar" className="text-base font-semibold">
            Days with runs of which no order was made
          </h2>
          <Calendar range={{ from: report.first, to: report.last }} days={[]} withoutOrders={report.without_orders} />
        </section>
      )}
    </>
  );
}
