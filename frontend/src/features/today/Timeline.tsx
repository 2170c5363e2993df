import { memo, useCallback, useMemo, useState } from "react";

import { istTime } from "@/lib/moments";

import { timelineOf, type Row } from "./day_rows";
import { DueRow } from "./DueRow";
import type { Due } from "./due";
import { byRun } from "./order_groups";
import { RunRow } from "./RunRow";
import type { Names, Scope } from "./scopes";
import type { Order, Position, Run } from "./shapes";
import { instantOf } from "./trading_day";

type Props = {
  date: string;
  runs: readonly Run[];
  orders: readonly Order[];
  positions: readonly Position[];
  due: readonly Due[];
  /** The instant of the answer, to the minute: what is past by then is past. */
  minute: number;
  /** Whether the strategies were loaded. */
  known: boolean;
  names: Names;
  onSquareOff: (scope: Scope) => void;
};

const NO_ORDERS: readonly Order[] = [];
const NO_POSITIONS: readonly Position[] = [];

/** The day as a list by the time of entry; each run opens into its story. */
export const Timeline = memo(function Timeline({ date, runs, orders, positions, due, minute, known, names, onSquareOff }: Props) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((run_id: string) => setOpened((before) => toggled(before, run_id)), []);
  const rows = useMemo(() => timelineOf(runs, due), [runs, due]);
  const ordersOf = useMemo(() => byRun(orders), [orders]);
  const positionsOf = useMemo(() => byRun(positions), [positions]);
  const [before, after] = [rows.filter((row) => instantOf(date, row.time) <= minute), rows.filter((row) => instantOf(date, row.time) > minute)];
  const shown = (row: Row) =>
    "run" in row ? (
      <RunRow
        key={row.key}
        run={row.run}
        open={opened.has(row.key)}
        orders={opened.has(row.key) ? (ordersOf.get(row.key) ?? NO_ORDERS) : NO_ORDERS}
        positions={opened.has(row.key) ? (positionsOf.get(row.key) ?? NO_POSITIONS) : NO_POSITIONS}
        names={names}
        onToggle={toggle}
        onSquareOff={onSquareOff}
      />
    ) : (
      <DueRow key={row.key} due={row.due} past={row.due.entryAt <= minute} />
    );
  return (
    <section className="space-y-3" aria-labelledby="runs-of-today">
      <h2 id="runs-of-today" className="text-lg font-semibold">
        Runs
      </h2>
      {rows.length === 0 && <p className="text-muted-foreground">{known ? "Nothing is due on this day." : "There is no run yet."}</p>}
      <ol className="@container rounded-lg border bg-surface py-1 empty:hidden">
        {before.map(shown)}
        {before.length > 0 && after.length > 0 && <NowRow at={minute} />}
        {after.map(shown)}
      </ol>
    </section>
  );
});

/** Between what has begun and what is to come. */
function NowRow({ at }: { at: number }) {
  return (
    <li className="relative flex items-center gap-3 py-1 pr-3 pl-9 text-xs font-medium text-primary-text before:absolute before:inset-y-0 before:left-4 before:w-px before:bg-border">
      Now, {istTime(at, "minutes")} IST
      <span className="h-px flex-1 bg-primary-text/40" aria-hidden />
    </li>
  );
}

function toggled(before: ReadonlySet<string>, run_id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(run_id)) after.add(run_id);
  return after;
}
