import { Delta } from "@/components/Money";
import { StatusBadge } from "@/components/StatusBadge";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import type { Names } from "@/features/today/scopes";
import { isClosed } from "@/features/today/shapes";
import { reasonOfRun, withNames } from "@/features/today/words";

import { DayOrders } from "./DayOrders";
import type { Order, Run } from "./shapes";
import { Story } from "./Story";

/** What became of a run: its story, and its orders beneath. Null: the orders of runs that are gone. */
export function RunCard({ run, orders, names }: { run: Run | null; orders: readonly Order[]; names: Names }) {
  const name = run?.name ?? "Orders without a run";
  const reason = run ? withNames(reasonOfRun(run), names) : "";
  const sorted = [...orders].sort((one, other) => keyOf(one).localeCompare(keyOf(other)));
  return (
    <Card aria-label={name}>
      <CardHeader>
        <div className="min-w-0 space-y-1">
          <CardTitle className="wrap-break-word">{name}</CardTitle>
          {run && (
            <p className="text-muted-foreground">
              {run.underlying} · {run.entry} to {run.exit} IST · version {run.strategy_version}
            </p>
          )}
        </div>
        {run && (
          <div className="flex flex-wrap items-center gap-3">
            <Profit run={run} />
            <StatusBadge of="run" status={run.status} />
          </div>
        )}
      </CardHeader>
      <CardContent className="space-y-4">
        {reason && <p className="wrap-break-word">{reason}</p>}
        {orders.length > 0 ? (
          <>
            <Story label={`What happened in ${name}`} orders={orders} names={names} />
            <DayOrders label={`Orders of ${name}`} orders={sorted} names={names} />
          </>
        ) : (
          !reason && <p className="text-muted-foreground">No order was made.</p>
        )}
      </CardContent>
    </Card>
  );
}

/** What it made, and whether that is its end. */
function Profit({ run }: { run: Run }) {
  if (run.realised !== null) return <Delta value={run.realised} />;
  if (isClosed(run)) return <span className="text-muted-foreground">profit not known: a fill came without its price</span>;
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      {run.profit !== null && <Delta value={run.profit} />}
      <span className="text-muted-foreground">{run.profit === null ? "still open" : "still open, at last prices"}</span>
    </span>
  );
}

/** Instants of one zone, so that their texts sort as they do; what was never sent comes last. */
const keyOf = ({ intended_at, sent_at, intent_id }: Order) => `${intended_at} ${sent_at ?? "9999"} ${intent_id}`;
