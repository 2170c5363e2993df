import type { Day, Halt, Me, Order, Position, ProfitPoint, Run, Strategy } from "./shapes";

/** A Monday with a regular session, at 09:15:04 IST. */
export const NOW = Date.parse("2026-11-23T09:15:04+05:30");
const AT = "2026-11-23T09:15:03+05:30";

export const RUN: Run = {
  run_id: "condor-20261123",
  strategy_id: "condor",
  strategy_version: 3,
  name: "Condor",
  underlying: "NIFTY",
  status: "open",
  reason: "every order is filled",
  entry: "09:14",
  exit: "15:10",
  realised: null,
  profit: "320.5",
  paper: false,
};

export const ORDER: Order = {
  intent_id: "condor-20261123.entry.L1.kite.S1.A1",
  tag: "LW1",
  run_id: RUN.run_id,
  leg: 1,
  account_id: "kite",
  phase: "entry",
  symbol: "NIFTY26NOV26000CE",
  contract: "NIFTY 24 Nov 26 26000 CE",
  side: "SELL",
  lots: 2,
  quantity: 150,
  status: "filled",
  reason: "",
  refusal: null,
  advice: null,
  limit_price: "101.5",
  average_price: "101.55",
  filled_quantity: 150,
  broker_order_id: "1",
  intended_at: "2026-11-23T09:14:00+05:30",
  sent_at: "2026-11-23T09:14:00.004230+05:30",
  acknowledged_at: "2026-11-23T09:14:00.010730+05:30",
  exchange_at: null,
  offset_ms: 4.23,
  at_once: false,
  attempt: 1,
  chased: 0,
  chased_at: null,
  quoted: { bid: "101.4", ask: "101.6", last: "101.5", at: "2026-11-23T09:13:59.700+05:30" },
  slippage: "-7.5",
};

export const POSITION: Position = {
  run_id: RUN.run_id,
  leg: 1,
  account_id: "kite",
  symbol: ORDER.symbol,
  contract: ORDER.contract,
  net: -150,
  bought: 0,
  sold: 150,
  paid: "0",
  received: "15232.5",
  average: "101.55",
  last: "99.4",
  marked_at: "2026-11-23T09:14:41+05:30",
  profit: "322.5",
};

export const DAY: Day = {
  date: "2026-11-23",
  as_of: AT,
  kind: "REGULAR",
  session: "regular session",
  sessions: [{ name: "regular", opens: "2026-11-23T09:15:00+05:30", closes: "2026-11-23T15:30:00+05:30" }],
  marked_at: "2026-11-23T09:14:41+05:30",
  money: { profit: "-928", realised: "-1250.5" },
  paper: null,
  runs: [RUN],
  orders: [ORDER],
  positions: [POSITION],
};

/** A day on which nothing is traded, and nothing was. */
export const HOLIDAY: Day = { ...DAY, kind: "CLOSED", session: "holiday: Diwali", sessions: [], marked_at: null, money: { profit: "0", realised: "0" }, runs: [], orders: [], positions: [] };

/** Three marks with one that is lost. */
export const POINTS: ProfitPoint[] = [
  { at: "2026-11-23T09:12:41+05:30", money: "-40.25", paper: null },
  { at: "2026-11-23T09:13:41+05:30", money: null, paper: null },
  { at: "2026-11-23T09:14:41+05:30", money: "322.5", paper: null },
];

export const ME: Me = {
  user_id: "user-1",
  environment: "local",
  halted: null,
  accounts: [
    {
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
      session_expires_at: "2026-11-24T06:00:00+05:30",
      will_not_trade: null,
    },
  ],
};

export const HALT: Halt = { kind: "user", id: null, reason: "wrong quotes", yours: true, since: "2026-11-23T09:12:00+05:30" };

export const runOf = (told: Partial<Run>): Run => ({ ...RUN, ...told });
export const orderOf = (told: Partial<Order>): Order => ({ ...ORDER, ...told });
export const haltOf = (told: Partial<Halt>): Halt => ({ ...HALT, ...told });

/** An enabled strategy that is due on weekdays at 09:20. */
export function strategyOf(strategy_id: string, name: string, schedule: Partial<Strategy["definition"]["schedule"]> = {}): Strategy {
  const times = { weekdays: ["MON", "TUE", "WED", "THU", "FRI"], special_sessions: false, entry: "09:20", exit: "15:10", days: [] };
  const definition = { name, underlying: "NIFTY", enabled: true, allocation: [{ account_id: "kite", weight: 1 }], legs: [], schedule: { ...times, ...schedule } };
  const next_run = { date: "2026-11-25", entry: "2026-11-25T09:20:00+05:30", exit: "2026-11-25T15:10:00+05:30" };
  // Of a definition this page reads no more than this.
  return { strategy_id, version: 1, will_not_trade: [], next_run, definition: definition as unknown as Strategy["definition"] };
}

/** The API of a day; each part may be replaced. */
export function apiOf({ day = DAY, me = ME, strategies = [strategyOf("condor", "Condor"), strategyOf("straddle", "Straddle")], halts = [] as Halt[], points = [] as ProfitPoint[] } = {}) {
  const use = { lots: 4, orders: 8, realised: "-1250.5" };
  const none = { lots: 0, orders: 0, realised: "0" };
  const limits = { version: 1, definition: { user: { max_lots_per_day: 50 }, accounts: {} }, today: { date: day.date, money: use, paper: none, accounts: {} } };
  const comparison = { account_id: "kite", compared_at: AT, unreadable: null, differences: [], strangers: [], earlier: [] };
  return {
    "GET /api/days/2026-11-23": () => ({ body: day }),
    "GET /api/days/2026-11-23/profit": () => ({ body: { date: day.date, as_of: AT, points } }),
    "GET /api/days/2026-11-24": () => ({ body: { ...HOLIDAY, date: "2026-11-24", session: "holiday: Guru Nanak Jayanti" } }),
    "GET /api/me": () => ({ body: me }),
    "GET /api/strategies": () => ({ body: strategies }),
    "GET /api/halts": () => ({ body: halts }),
    "GET /api/limits": () => ({ body: limits }),
    "GET /api/accounts/kite/comparison": () => ({ body: comparison }),
  };
}
