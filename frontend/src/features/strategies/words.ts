import { price } from "@/lib/format";

import { AT_THE_MONEY, WEEKDAYS, type Definition, type ExpiryRule, type Leg, type OrderRules, type Policies, type Schedule, type StrikeRule, type Weekday } from "./model";

export const STRIKE_KINDS: readonly (readonly [StrikeRule["by"], string])[] = [
  ["moneyness", "By moneyness"],
  ["strike", "Exactly this strike"],
  ["percent_of_atm", "Percent from ATM"],
  ["closest_premium", "Premium closest to"],
  ["premium_at_least", "Premium at least"],
  ["premium_at_most", "Premium at most"],
  ["premium_range", "Premium between"],
  ["percent_of_straddle_premium", "Percent of straddle premium"],
  ["straddle_width", "Straddle widths from ATM"],
  ["delta", "Delta closest to"],
];

export const EXPIRY_KINDS: readonly (readonly [ExpiryRule["kind"], string])[] = [
  ["nearest", "Nearest"],
  ["current_week", "Current week"],
  ["next_week", "Next week"],
  ["current_month", "Current month"],
  ["next_month", "Next month"],
  ["days_to_expiry", "Days to expiry, at least"],
];

export const DAY_NAMES: Readonly<Record<Weekday, string>> = { MON: "Monday", TUE: "Tuesday", WED: "Wednesday", THU: "Thursday", FRI: "Friday" };

export const STYLES: Readonly<Record<OrderRules["style"], string>> = { protected: "Protected", limit: "Limit" };
export const STYLES_TOLD: Readonly<Record<OrderRules["style"], string>> = {
  protected: "At the far side of the spread and a protection beyond it, so that it fills at once.",
  limit: "At the far side of the spread, and at most the buffer beyond it.",
};

export const HEDGES_OF: Readonly<Record<OrderRules["hedges_of"], string>> = {
  account: "Those of its own account",
  run: "Those of every account of the run",
};

export const ON_REFUSAL: Readonly<Record<Policies["on_refusal"], string>> = {
  square_off: "Close at once what the run has entered",
  retry_then_square_off: "Try once more where that can help, then close",
  keep: "Keep what filled, and say so aloud",
};
export const ON_PARTIAL_FILL: Readonly<Record<Policies["on_partial_fill"], string>> = {
  complete: "Order the rest again, up to three times",
  unwind: "Close the run",
  keep: "Keep what filled, and say so aloud",
};
export const ON_BROKER_FAILURE: Readonly<Record<Policies["on_broker_failure"], string>> = {
  square_off: "Close everything else; the order itself once its fate is known",
  keep: "Keep what filled, and say so aloud",
};

/** `Sell 2 CE OTM 4, next week`. */
export function legInWords({ side, right, lots, strike, expiry }: Leg): string {
  const what = right === "FUT" ? right : `${right} ${strikeInWords(strike ?? AT_THE_MONEY)}`;
  const when = expiry.kind === "nearest" ? "" : `, ${expiryInWords(expiry)}`;
  return `${side === "BUY" ? "Buy" : "Sell"} ${lots} ${what}${when}`;
}

export function legsInWords(legs: readonly Leg[]): string {
  return legs.map(legInWords).join(" · ");
}

export function strikeInWords(rule: StrikeRule): string {
  switch (rule.by) {
    case "moneyness":
      return rule.moneyness === "ATM" ? "ATM" : `${rule.moneyness} ${rule.steps}`;
    case "strike":
      return price(String(rule.strike), 0);
    case "percent_of_atm":
      return `ATM ${signed(rule.percent)} %`;
    case "closest_premium":
      return `premium about ₹${rule.premium}`;
    case "premium_at_least":
      return `premium ≥ ₹${rule.premium}`;
    case "premium_at_most":
      return `premium ≤ ₹${rule.premium}`;
    case "premium_range":
      return `premium ₹${rule.low} to ₹${rule.high}`;
    case "percent_of_straddle_premium":
      return `${rule.percent} % of the straddle`;
    case "straddle_width":
      return `ATM ${signed(rule.times)} straddles`;
    case "delta":
      return `delta ${rule.delta}`;
  }
}

export function expiryInWords({ kind, days }: ExpiryRule): string {
  if (kind === "days_to_expiry") return `${days ?? "?"} days or more to expiry`;
  return kind.replace("_", " ");
}

/** `Mon to Fri`, `Mon, Wed`, and special sessions. */
export function daysInWords({ weekdays, special_sessions }: Pick<Schedule, "weekdays" | "special_sessions">): string {
  const chosen = WEEKDAYS.filter((day) => weekdays.includes(day)).map((day) => DAY_NAMES[day].slice(0, 3));
  const days = chosen.length === WEEKDAYS.length ? "Mon to Fri" : chosen.join(", ");
  return [days, special_sessions && "special sessions"].filter(Boolean).join(", ") || "no day";
}

/** Whether one finds a strategy by these words. */
export function matches(search: string, strategy_id: string, definition: Definition, basket = ""): boolean {
  const text = [strategy_id, definition.name, definition.underlying, basket, ...definition.allocation.map((share) => share.account_id), legsInWords(definition.legs)].join(" ").toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function signed(value: number | string): string {
  const text = String(value);
  return text.startsWith("-") ? `− ${text.slice(1)}` : `+ ${text}`;
}
