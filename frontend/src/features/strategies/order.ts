import type { Strategy } from "./model";

/** Which runs sooner comes first; then those that are enabled without a run, then the disabled ones, by their names. */
export function bySoonest(strategies: readonly Strategy[]): Strategy[] {
  return [...strategies].sort(
    (one, other) =>
      rank(one) - rank(other) || instantOf(one) - instantOf(other) || one.definition.name.localeCompare(other.definition.name, "en") || (one.strategy_id < other.strategy_id ? -1 : 1),
  );
}

function rank({ definition, next_run }: Strategy): number {
  if (!definition.enabled) return 2;
  return next_run ? 0 : 1;
}

function instantOf({ next_run }: Strategy): number {
  return next_run ? Date.parse(next_run.entry) : 0;
}
