import { scopeWords, type Names } from "./scopes";
import { isClosed, type Day, type Halt, type Run, type Strategy } from "./shapes";
import { dueDay, instantOf } from "./trading_day";
import { withNames } from "./words";

/** A strategy that is due on a day and has no run there yet. `stopped` says why it would not enter. */
export type Due = { strategy: Strategy; entry: string; exit: string; entryAt: number; stopped: readonly string[] };

/** An entry or an exit that is still to come. */
export type Moment = { at: number; what: "entry" | "exit"; name: string; key: string };

/** Entry and exit of a strategy on a day word; null where it is not due. */
export function timesOn({ definition: { enabled, schedule } }: Strategy, day: string | null): { entry: string; exit: string } | null {
  if (!enabled || !day) return null;
  const named = (schedule.weekdays as string[]).includes(day) || (day === "SPECIAL" && schedule.special_sessions);
  return named ? (schedule.days.find(({ weekday }) => weekday === day) ?? schedule) : null;
}

export function dueWithoutRun(day: Pick<Day, "date" | "kind" | "runs">, strategies: readonly Strategy[], halts: readonly Halt[], names: Names): Due[] {
  const ran = new Set(day.runs.map(({ strategy_id }) => strategy_id));
  const word = dueDay(day.kind, day.date);
  return strategies.flatMap((strategy) => {
    const times = ran.has(strategy.strategy_id) ? null : timesOn(strategy, word);
    if (!times) return [];
    const halted = halts.filter((halt) => stops(halt, strategy)).map((halt) => haltWords(halt, names));
    const stopped = [...halted, ...strategy.will_not_trade.map((reason) => withNames(reason, names))];
    return [{ strategy, entry: times.entry, exit: times.exit, entryAt: instantOf(day.date, times.entry), stopped }];
  });
}

/** What is still to come after `now`, soonest first: exits of what is or may become open, and entries that nothing stops. */
export function momentsAfter(now: number, day: Day, due: readonly Due[]): Moment[] {
  const ofRuns = day.runs.flatMap((run) => (isClosed(run) ? [] : momentsOf(run, day.date)));
  const ofDue = due.flatMap(({ strategy, entryAt, stopped }): Moment[] =>
    stopped.length ? [] : [{ at: entryAt, what: "entry", name: strategy.definition.name, key: `${strategy.strategy_id} entry` }],
  );
  return [...ofRuns, ...ofDue].filter(({ at }) => at > now).sort((one, other) => one.at - other.at);
}

/** Why nothing is to come on a day any more. */
export function whyNothing(now: number, day: Day, strategies: readonly Strategy[], due: readonly Due[]): string {
  if (day.kind === "CLOSED") return day.session;
  const stopped = due.find(({ entryAt }) => entryAt > now);
  if (stopped) return `${stopped.strategy.definition.name} would enter at ${stopped.entry}, but ${stopped.stopped.join("; ")}`;
  if (day.runs.length > 0 || due.length > 0) return "every entry and exit of today is past";
  return strategies.some(({ definition }) => definition.enabled) ? "no enabled strategy names this day" : "no strategy is enabled";
}

export function haltWords(halt: Halt, names: Names): string {
  if (halt.kind === "platform") return `everybody is halted (${halt.reason})`;
  return `${halt.kind === "user" ? "your entries are" : `${scopeWords(halt, names)} is`} halted (${halt.reason})`;
}

function stops({ kind, id }: Halt, { strategy_id, definition }: Strategy): boolean {
  if (kind === "account") {
    const named = [definition.allocation, ...definition.legs.map(({ allocation }) => allocation)].flat();
    return named.some(({ account_id }) => account_id === id);
  }
  return kind === "strategy" ? id === strategy_id : true;
}

function momentsOf(run: Run, date: string): Moment[] {
  return (["entry", "exit"] as const).map((what) => ({ at: instantOf(date, run[what]), what, name: run.name, key: `${run.run_id} ${what}` }));
}
