import type { Order } from "./shapes";

/** A short that was sent 1.5 ms after second 0 and filled; its exchange tells times to the second. */
const ORDER: Order = {
  intent_id: "condor-20261116.entry.L1.kite.S1.A1",
  tag: "LWABC",
  run_id: "condor-20261116",
  leg: 1,
  account_id: "kite",
  phase: "entry",
  symbol: "NIFTY26NOV24500CE",
  contract: "NIFTY 24 Nov 26 24500 CE",
  side: "SELL",
  lots: 2,
  quantity: 130,
  status: "filled",
  reason: "",
  refusal: null,
  advice: null,
  limit_price: "99.95",
  average_price: "100.05",
  filled_quantity: 130,
  broker_order_id: "1",
  intended_at: "2026-11-16T09:20:00+05:30",
  sent_at: "2026-11-16T09:20:00.001500+05:30",
  acknowledged_at: "2026-11-16T09:20:00.043100+05:30",
  exchange_at: "2026-11-16T09:20:00+05:30",
  offset_ms: 1.5,
  at_once: false,
  attempt: 1,
  chased: 0,
  chased_at: null,
  quoted: { bid: "100.00", ask: "100.20", last: "100.05", at: "2026-11-16T09:19:57.010000+05:30" },
  slippage: "6.50",
};

export const orderOf = (told: Partial<Order>): Order => ({ ...ORDER, ...told });
