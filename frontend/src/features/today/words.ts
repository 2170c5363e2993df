import type { Names } from "./scopes";
import type { Order, Run } from "./shapes";

/** What a status says already: that a filled order was accepted, that an open run is filled. */
const OF_ORDERS = /^(accepted|filled|complete|completed|traded|executed|success|ok|open)?\.?$/i;
const OF_RUNS: Readonly<Partial<Record<Run["status"], string>>> = { open: "every order is filled", flat: "every position is closed" };
const GOING_WELL: readonly Order["status"][] = ["accepted", "partly_filled", "filled"];

/** The reason of an order where it tells more than its status. */
export function reasonOfOrder({ status, reason }: Pick<Order, "status" | "reason">): string {
  return GOING_WELL.includes(status) && OF_ORDERS.test(reason) ? "" : reason;
}

/** The reason of a run where it tells more than its status. */
export function reasonOfRun({ status, reason }: Pick<Run, "status" | "reason">): string {
  return reason === OF_RUNS[status] ? "" : reason;
}

/** The API's sentences name an account after `account` or `at`, and a strategy after `strategy`. */
const NAMED_THING = /\b(account|at|strategy) '?([\w.-]*\w)'?/g;

/** A sentence of the API with the names of accounts and strategies in place of their ids. */
export function withNames(text: string, { accounts, strategies }: Names): string {
  return text.replace(NAMED_THING, (whole, before: string, id: string) => {
    const name = (before === "strategy" ? strategies : accounts).get(id);
    return name === undefined ? whole : `${before} ${name}`;
  });
}
