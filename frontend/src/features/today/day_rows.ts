import type { Due } from "./due";
import type { Run } from "./shapes";

/** A row of the day: a run, or a strategy that is due and has none. */
export type Row = { key: string; time: string; name: string } & ({ run: Run } | { due: Due });

/** By the time of entry, then by name. */
export function timelineOf(runs: readonly Run[], due: readonly Due[]): Row[] {
  const rows: Row[] = [
    ...runs.map((run) => ({ key: run.run_id, time: run.entry, name: run.name, run })),
    ...due.map((one) => ({ key: one.strategy.strategy_id, time: one.entry, name: one.strategy.definition.name, due: one })),
  ];
  return rows.sort((one, other) => one.time.localeCompare(other.time) || one.name.localeCompare(other.name));
}
