import type { Account } from "@/api/types";

import { definitionOf, legOf, type Basket, type Definition, type Preview, type Strategy } from "./model";

// What tests of these pages begin from.

export const KITE: Account = {
  account_id: "kite",
  broker: "zerodha",
  label: "Kite",
  client_id: "AB1234",
  enabled: true,
  egress: "default",
  algo_id: "",
  algo_name: "",
  quotes_from: "",
  session: "active",
  session_expires_at: new Date(Date.now() + 5 * 3_600_000).toISOString(),
  will_not_trade: null,
};

export const ANGEL: Account = { ...KITE, account_id: "angel", broker: "angel", label: "Angel" };

const STRANGLE = definitionOf({
  name: "Morning strangle",
  allocation: [{ account_id: "kite", weight: 1 }],
  legs: [
    legOf({ side: "SELL", right: "CE", strike: { by: "moneyness", moneyness: "OTM", steps: 4 } }),
    legOf({ side: "SELL", right: "PE", strike: { by: "delta", delta: "0.2" } }),
  ],
});

export function strategyOf(strategy_id: string, part: Partial<Definition> = {}, will_not_trade: string[] = []): Strategy {
  return { strategy_id, version: 1, definition: { ...STRANGLE, ...part } as Strategy["definition"], will_not_trade, next_run: null };
}

export const WEEKLY_BASKET: Basket = { basket_id: "weekly", version: 3, definition: { name: "Weekly income", enabled: true, multiplier: "2", capital: "500000" } };

export const NOTHING: Preview = { problems: [], lots: [], rounding: [], coming: [], at_market: null, no_market: "no account has a session" };

const leg = { underlying: "NIFTY", expiry: "2026-11-24", right: "CE" as const, side: "SELL" as const, reason: "4 strikes out of the money", bid: "102.40", ask: "102.60", last: "102.50", implied_volatility: 0.1234, quantity: 75, orders: [] };

export const AT_MARKET: Preview = {
  problems: [],
  lots: [{ leg: 1, exact_lots: "1.5", lots: 1, accounts: [{ account_id: "kite", exact_lots: "1.5", lots: 1 }] }],
  rounding: ["legs[1]: 1.5 lots became 1"],
  coming: [
    { date: "2026-11-23", runs: true, entry: "2026-11-23T09:20:00+05:30", exit: "2026-11-23T15:15:00+05:30", reason: "an ordinary day" },
    { date: "2026-11-24", runs: false, entry: null, exit: null, reason: "Guru Nanak Jayanti" },
  ],
  at_market: {
    as_of: new Date().toISOString(),
    contracts_for: "2026-11-23",
    quoted_by: "kite",
    spot: "24512.35",
    legs: [
      { ...leg, leg: 1, contract: "NIFTY 24NOV26 24700 CE", strike: "24700", premium: "102.50" },
      { ...leg, leg: 2, contract: "NIFTY 24NOV26 24300 PE", strike: "24300", premium: null, implied_volatility: null },
    ],
    payoff: {
      points: [
        { underlying: "24000", at_expiry: "-12500.00", today: "-9000.00" },
        { underlying: "24512.35", at_expiry: "7500.50", today: "120.00" },
        { underlying: "25000", at_expiry: "-11000.00", today: null },
      ],
      max_profit: "7500.50",
      max_loss: null,
      breakevens: ["24210.10", "24810.25"],
      net_premium: "7500.50",
    },
    margin: { total: "145000.00", scan_risk: "120000.00", exposure: "25000.00", premium_paid: "0.00", method: "after the pattern of SPAN" },
    warnings: ["the contracts of zerodha are those of 22 Nov 2026"],
  },
  no_market: null,
};
