import { money } from "@/lib/format";

import { definitionOf, type Definition, type Leg } from "../model";

const EMPTY = definitionOf({ name: "", legs: [] });

type Way = { unit: "points" | "percent"; value: number | string; of?: "premium" | "underlying" };

/** `30 %` or `30 points`. */
function far({ unit, value }: Pick<Way, "unit" | "value">): string {
  return unit === "percent" ? `${value} %` : `${value} points`;
}

function moved(way: Way, direction: string): string {
  return `when ${way.of === "underlying" ? "the underlying" : "its premium"} has moved ${far(way)} ${direction}`;
}

const HOW = { immediate: "at once", at_cost: "at its first price", reversed: "on the other side", re_execute: "by its rules anew" } as const;

function again({ how, count }: NonNullable<Leg["re_entry_on_stop"]>): string {
  return `${HOW[how]}, up to ${count} ${count === 1 ? "time" : "times"}`;
}

/** The rules of a leg that are kept, but that nothing acts on yet; a strategy that has one cannot be enabled. */
export function keptOfLeg(leg: Leg): string[] {
  const kept = [];
  if (leg.stop) kept.push(`stop ${moved(leg.stop, "against it")}`);
  if (leg.target) kept.push(`target ${moved(leg.target, "in its favour")}`);
  if (leg.trail) kept.push(`trail of the stop by ${far({ unit: leg.trail.unit, value: leg.trail.by })} for every ${far({ unit: leg.trail.unit, value: leg.trail.every })}`);
  if (leg.re_entry_on_stop) kept.push(`re-entry after the stop, ${again(leg.re_entry_on_stop)}`);
  if (leg.re_entry_on_target) kept.push(`re-entry after the target, ${again(leg.re_entry_on_target)}`);
  if (leg.wait_and_trade) kept.push(`wait until its premium is ${far(leg.wait_and_trade)} ${leg.wait_and_trade.direction === "up" ? "higher" : "lower"}`);
  return kept;
}

export const WITHOUT_KEPT_OF_LEG: Partial<Leg> = { stop: null, target: null, trail: null, re_entry_on_stop: null, re_entry_on_target: null, wait_and_trade: null };

/** The same of the whole strategy. */
export function keptOfStrategy({ schedule, risk, conditions }: Definition): string[] {
  const kept = [];
  if (schedule.holding.kind !== "intraday") kept.push(schedule.holding.kind === "next_day" ? "holding over night" : "holding around an expiry");
  if (risk.stop != null) kept.push(`overall stop at a loss of ${rupees(risk.stop)}`);
  if (risk.target != null) kept.push(`overall target at a profit of ${rupees(risk.target)}`);
  if (risk.trail) kept.push(`overall trail of the stop by ${rupees(risk.trail.by)} for every ${rupees(risk.trail.every)} of profit`);
  if (risk.profit_lock) kept.push(`profit lock of ${rupees(risk.profit_lock.keep)} once ${rupees(risk.profit_lock.reach)} is reached`);
  if (risk.move_stop_to_cost) kept.push("stops of the other legs to their cost when one is stopped");
  if (risk.square_off !== "leg") kept.push("square off of all legs when one is stopped");
  if (risk.accounts.length > 0) kept.push(`stop and target of ${risk.accounts.map(({ account_id }) => account_id).join(", ")}`);
  if (conditions.range_breakout) kept.push(`range breakout until ${conditions.range_breakout.until} IST`);
  if (conditions.vix) kept.push(`India VIX between ${conditions.vix.low} and ${conditions.vix.high}`);
  if (conditions.evaluate_on !== "tick") kept.push("evaluation on candle close");
  return kept;
}

export function withoutKept(definition: Definition): Partial<Definition> {
  return { schedule: { ...definition.schedule, holding: EMPTY.schedule.holding }, risk: EMPTY.risk, conditions: EMPTY.conditions };
}

function rupees(amount: number | string): string {
  return money(String(amount));
}
