import { memo, useMemo, useState } from "react";

import { Button } from "@/components/ui/button";
import { integer } from "@/lib/format";

import { filtered, FILTERS, type Filter } from "./order_groups";
import { OrderTable } from "./OrderTable";
import type { Names } from "./scopes";
import type { Order } from "./shapes";

const WORDS: Record<Filter, { label: string; none: string }> = {
  all: { label: "All", none: "No order was planned today." },
  problems: { label: "Problems", none: "No order has a problem." },
  open: { label: "Open", none: "No order is on its way or rests." },
};

/** Every order of the day, the latest first. */
export const Orders = memo(function Orders({ orders, names }: { orders: readonly Order[]; names: Names }) {
  const [filter, setFilter] = useState<Filter>("all");
  const latest = useMemo(() => [...orders].sort((one, other) => other.intended_at.localeCompare(one.intended_at)), [orders]);
  const shown = filtered(latest, filter);
  return (
    <section className="space-y-3" aria-labelledby="orders-of-today">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="orders-of-today" className="text-lg font-semibold">
          Orders
        </h2>
        <div role="group" aria-label="Which orders are shown" className="flex gap-1">
          {FILTERS.map((one) => (
            <Button key={one} size="small" variant={one === filter ? "primary" : "secondary"} aria-pressed={one === filter} onClick={() => setFilter(one)}>
              {WORDS[one].label} {integer(filtered(orders, one).length)}
            </Button>
          ))}
        </div>
      </div>
      {shown.length === 0 ? <p className="text-muted-foreground">{WORDS[filter].none}</p> : <OrderTable label="Orders of today" orders={shown} names={names} withRun />}
    </section>
  );
});
