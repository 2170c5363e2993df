import { lazy } from "react";

import { integer } from "@/lib/format";

import { ChartFrame } from "./ChartFrame";
import { ResultTable, type Column } from "./ResultTable";
import type { Range } from "./ranges";
import type { BookName, SendTimes } from "./shapes";
import { edgesOf, milliseconds } from "./words";

const TimingHistogram = lazy(() => import("./TimingHistogram"));

type Bucket = SendTimes["buckets"][number];

const COLUMNS: readonly Column<Bucket>[] = [
  {
    head: "Sent after second 0",
    cell: edgesOf,
    csv: [
      { name: "from_ms", of: ({ from_ms }) => from_ms },
      { name: "to_ms", of: ({ to_ms }) => to_ms },
    ],
  },
  { head: "Orders", number: true, cell: ({ orders }) => integer(orders), csv: [{ name: "orders", of: ({ orders }) => orders }] },
];

/** How exactly orders were sent: the few numbers, the drawing, and the same as a table. */
export function Timing({ times, range, book }: { times: SendTimes; range: Range; book: BookName }) {
  return (
    <section className="space-y-3" aria-labelledby="timing">
      <h2 id="timing" className="text-base font-semibold">
        When orders were sent
      </h2>
      {times.orders === 0 ? (
        <p className="text-muted-foreground">No order of these days was meant for second 0.</p>
      ) : (
        <>
          <p className="text-muted-foreground">
            From second 0 of the minute to the first byte sent, over {integer(times.orders)} orders: half within{" "}
            <strong className="text-foreground">{milliseconds(times.p50_ms)}</strong>, 99 of 100 within{" "}
            <strong className="text-foreground">{milliseconds(times.p99_ms)}</strong>, all within{" "}
            <strong className="text-foreground">{milliseconds(times.max_ms)}</strong>.
          </p>
          <ChartFrame label="Orders by time of sending">
            <TimingHistogram times={times} />
          </ChartFrame>
          <details className="rounded-md border bg-surface px-3 py-2">
            <summary className="font-medium">The same as a table</summary>
            <div className="pt-3">
              <ResultTable
                label="Orders by time of sending, as a table"
                filename={`legwise-timing-${book}-${range.from}-${range.to}.csv`}
                columns={COLUMNS}
                rows={times.buckets}
                keyOf={edgesOf}
              />
            </div>
          </details>
        </>
      )}
    </section>
  );
}
