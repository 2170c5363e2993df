import { istDay, istTime, millisecondsOf } from "@/lib/moments";

import type { Due } from "./due";
import { isClosed, type Day } from "./shapes";
import { hoursOf, instantOf } from "./trading_day";

const HOUR_MS = 3_600_000;
const STEPS = [0.25, 0.5, 1, 2, 3, 4, 6, 12];
/** From one label to the next, and from one to an end: calm, and no two touch. */
const APART_PX = 76;
const FROM_END_PX = 58;
/** About the width of a letter of the labels. */
const LETTER_PX = 6.4;
const GAP_PX = 10;

export type Span = { from: number; to: number };

/** A minute of the day at which something enters or leaves. */
export type Mark = { at: number; what: "entry" | "exit"; names: readonly string[] };

/** The first open to the last close, and beyond where something is due there; null on a day without a session. */
export function spanOf(day: Pick<Day, "sessions">, marks: readonly Mark[]): Span | null {
  const hours = hoursOf(day);
  if (!hours) return null;
  const instants = marks.map(({ at }) => at);
  return { from: Math.min(hours.opens, ...instants), to: Math.max(hours.closes, ...instants) };
}

/** When strategies enter and leave, past and to come; those of one minute are one mark. Runs that entered nothing leave nothing. */
export function marksOf(day: Pick<Day, "date" | "runs">, due: readonly Due[]): Mark[] {
  const marks = new Map<string, { at: number; what: Mark["what"]; names: string[] }>();
  const add = (hhmm: string, what: Mark["what"], name: string) => {
    const key = `${hhmm} ${what}`;
    const mark = marks.get(key) ?? { at: instantOf(day.date, hhmm), what, names: [] };
    mark.names.push(name);
    marks.set(key, mark);
  };
  for (const run of day.runs) {
    add(run.entry, "entry", run.name);
    if (run.status === "flat" || !isClosed(run)) add(run.exit, "exit", run.name);
  }
  for (const { entry, exit, stopped, strategy } of due) {
    if (stopped.length > 0) continue;
    add(entry, "entry", strategy.definition.name);
    add(exit, "exit", strategy.definition.name);
  }
  return [...marks.values()].sort((one, other) => one.at - other.at);
}

export function placeOf({ from, to }: Span, width: number): (instant: number) => number {
  return (instant) => Math.round((Math.min(Math.max(instant - from, 0), to - from) / (to - from || 1)) * width * 10) / 10;
}

/** Hours, or quarters of them, that have room for their label, with the ends of the span. */
export function hoursIn(span: Span, width: number): number[] {
  const room = Math.max(1, Math.floor(width / APART_PX));
  const step = STEPS.find((hours) => (span.to - span.from) / (hours * HOUR_MS) <= room) ?? 24;
  const place = placeOf(span, width);
  const midnight = instantOf(istDay(span.from), "00:00");
  const full: number[] = [];
  for (let hour = midnight; hour <= span.to; hour += step * HOUR_MS) if (hour > span.from && hour < span.to) full.push(hour);
  const ends = [span.from, span.to];
  return [...ends, ...full.filter((hour) => ends.every((end) => Math.abs(place(end) - place(hour)) >= FROM_END_PX))].sort((one, other) => one - other);
}

export type Label = { x: number; text: string; anchor: "start" | "end" };

/** What stands above each mark: its time and its name where there is room for both, its time, or nothing. The first of
 * those that stand close together speaks for them. */
export function labelsOf(marks: readonly Mark[], place: (instant: number) => number, width: number): (Label | null)[] {
  let taken = 0;
  return marks.map((mark, index) => {
    const x = place(mark.at);
    if (x < taken) return null;
    const time = istTime(mark.at, "minutes");
    const least = time.length * LETTER_PX;
    const next = marks.slice(index + 1).find(({ at }) => place(at) - x >= least + GAP_PX);
    const room = next ? place(next.at) - x - GAP_PX : width - x;
    const text = [`${time} ${wordsOf(mark)}`, time].find((words) => words.length * LETTER_PX <= room);
    if (text === undefined) return x - least < taken ? null : { x, text: time, anchor: "end" };
    taken = x + text.length * LETTER_PX + GAP_PX;
    return { x, text, anchor: "start" };
  });
}

/** `Demo iron condor`, or `3 strategies`. */
export function wordsOf({ names }: Mark): string {
  return names.length === 1 ? (names[0] ?? "") : `${names.length} strategies`;
}

/** A mark in a sentence: `10:00 IST: entry of Condor, Straddle`. */
export function toldOf({ at, what, names }: Mark): string {
  return `${istTime(at, "minutes")} IST: ${what} of ${names.join(", ")}`;
}

export function sessionWords({ name, opens, closes }: Day["sessions"][number]): string {
  const end = istTime(closes, "minutes");
  return `${name} session ${istTime(opens, "minutes")} to ${end === "00:00" && millisecondsOf(closes) > millisecondsOf(opens) ? "24:00" : end} IST`;
}
