import type { CsvColumn } from "./csv";
import type { Order } from "./shapes";

const NAMES = [
  "run_id",
  "leg",
  "account_id",
  "phase",
  "attempt",
  "at_once",
  "side",
  "symbol",
  "contract",
  "lots",
  "quantity",
  "status",
  "reason",
  "refusal",
  "limit_price",
  "average_price",
  "filled_quantity",
  "slippage",
  "chased",
  "intended_at",
  "sent_at",
  "offset_ms",
  "acknowledged_at",
  "exchange_at",
  "chased_at",
  "broker_order_id",
  "tag",
  "intent_id",
] as const satisfies readonly (keyof Order)[];

const OF_QUOTES = ["bid", "ask", "last", "at"] as const satisfies readonly (keyof NonNullable<Order["quoted"]>)[];

/** An order in a file: everything as the API told it. */
export const ORDER_COLUMNS: readonly CsvColumn<Order>[] = [
  ...NAMES.map((name) => ({ name, of: (order: Order) => order[name] })),
  ...OF_QUOTES.map((name) => ({ name: `quoted_${name}`, of: ({ quoted }: Order) => quoted?.[name] })),
];
