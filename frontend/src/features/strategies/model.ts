import type { Schemas } from "@/api/types";

/** A definition as the API stores it; what it reads takes numbers as they were typed as well. */
export type Definition = Schemas["StrategyDefinition-Input"];
export type Leg = Schemas["Leg-Input"];
export type StrikeRule = NonNullable<Leg["strike"]>;
export type ExpiryRule = Schemas["ExpiryRule"];
export type Schedule = Schemas["Schedule"];
export type OrderRules = Schemas["OrderRules-Input"];
export type Chase = Schemas["Chase-Input"];
export type Move = Schemas["Move-Input"];
export type Policies = Schemas["Policies"];
export type Weekday = Schedule["weekdays"][number];
export type Underlying = Definition["underlying"];

export type Strategy = Schemas["StrategyStatusAnswer"];
export type Basket = Schemas["BasketAnswer"];
export type BasketDefinition = Schemas["BasketDefinition-Input"];
export type Run = Schemas["RunAnswer"];
export type Report = Schemas["ReportAnswer"];
export type Preview = Schemas["PreviewAnswer"];
export type AtMarket = Schemas["MarketPreviewAnswer"];

export const WEEKDAYS: readonly Weekday[] = ["MON", "TUE", "WED", "THU", "FRI"];
export const UNDERLYINGS: readonly Underlying[] = ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"];
/** Those with weekly options. */
export const WEEKLY: readonly Underlying[] = ["NIFTY", "SENSEX"];
export const MAX_LEGS = 10;

export const AT_THE_MONEY: StrikeRule = { by: "moneyness", moneyness: "ATM", steps: 0 };
export const NEAREST: ExpiryRule = { kind: "nearest", days: null, weekday: null };

/** A whole number as the API wants it. What is none goes there as it was typed, and is told of at its field. */
export function whole(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : (text as unknown as number);
}

/** A leg like the given parts, otherwise at the money of the nearest expiry. */
export function legOf(parts: Pick<Leg, "side" | "right"> & Partial<Leg>): Leg {
  return { lots: 1, expiry: NEAREST, strike: parts.right === "FUT" ? null : AT_THE_MONEY, allocation: [], ...parts };
}

/** A definition of these legs with the API's own defaults; disabled, so that nothing trades unasked. */
export function definitionOf({ name, legs, ...rest }: Pick<Definition, "name" | "legs"> & Partial<Definition>): Definition {
  return {
    name,
    underlying: "NIFTY",
    product: "MIS",
    mode: "live",
    enabled: false,
    basket_id: null,
    multiplier: "1",
    schedule: {
      weekdays: [...WEEKDAYS],
      special_sessions: false,
      entry: "09:20",
      exit: "15:15",
      days: [],
      holding: { kind: "intraday", entry_days_before: null, exit_days_before: null },
    },
    allocation: [],
    legs,
    risk: { stop: null, target: null, trail: null, profit_lock: null, move_stop_to_cost: false, square_off: "leg", accounts: [] },
    conditions: { range_breakout: null, vix: null, evaluate_on: "tick" },
    orders: { style: "protected", buffer: null, chase: null, hedges_first: true, hedges_of: "account" },
    policies: { on_refusal: "square_off", on_partial_fill: "complete", on_broker_failure: "square_off" },
    ...rest,
  };
}

/** An id from a name: lower case, digits and dashes, as the API wants it, and none that is taken. */
export function idFrom(name: string, kind: "strategy" | "basket", taken: readonly string[]): string {
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 36).replace(/-+$/, "");
  const base = words.length >= 2 ? words : `${kind}${words && `-${words}`}`;
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
