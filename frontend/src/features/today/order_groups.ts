import { lookOf, ORDER } from "@/components/statuses";
import type { Tone } from "@/components/ui/badge";

import type { Order } from "./shapes";

const OPEN: readonly Order["status"][] = ["planned", "sending", "accepted", "partly_filled", "unknown"];
const TROUBLED: readonly Tone[] = ["warning", "negative"];

export const FILTERS = ["all", "problems", "open"] as const;
export type Filter = (typeof FILTERS)[number];

const PASSES: Record<Filter, (order: Order) => boolean> = {
  all: () => true,
  problems: (order) => order.refusal !== null || TROUBLED.includes(lookOf(ORDER, order.status).tone),
  open: ({ status }) => OPEN.includes(status),
};

export function filtered(orders: readonly Order[], filter: Filter): Order[] {
  return orders.filter(PASSES[filter]);
}

export function byRun<Thing extends { run_id: string }>(things: readonly Thing[]): ReadonlyMap<string, readonly Thing[]> {
  const groups = new Map<string, Thing[]>();
  for (const thing of things) groups.set(thing.run_id, [...(groups.get(thing.run_id) ?? []), thing]);
  return groups;
}
