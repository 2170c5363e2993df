import { Delta } from "@/components/Money";
import { StatusBadge } from "@/components/StatusBadge";
import { integer } from "@/lib/format";

import type { Report, Run, Strategy } from "./model";

/** What is known of the last days; undefined as long as it could not be had. */
export type Results = { runs: Run[] | undefined; week: Report | undefined };

/** How its run of today stands, and what it brought in seven days in the book of its mode. */
export function RecentResults({ strategy: { strategy_id, definition }, results: { runs, week } }: { strategy: Strategy; results: Results }) {
  const run = runs?.find((one) => one.strategy_id === strategy_id);
  const book = definition.mode === "live" ? week?.money : week?.paper;
  const brought = book?.strategies.find((one) => one.strategy_id === strategy_id);
  return (
    <div className="space-y-0.5 text-xs text-muted-foreground">
      {run && (
        <p className="flex flex-wrap items-center gap-1.5" title={run.reason}>
          today <StatusBadge of="run" status={run.status} />
          {run.realised !== null && <Delta value={run.realised} />}
        </p>
      )}
      {runs && !run && <p>no run today</p>}
      {brought && (
        <p className="flex flex-wrap items-center gap-1.5">
          7 days, {integer(brought.runs)} {brought.runs === 1 ? "run" : "runs"} {brought.realised === null ? "result not known" : <Delta value={brought.realised} />}
        </p>
      )}
    </div>
  );
}
