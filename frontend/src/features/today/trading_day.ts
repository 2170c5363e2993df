import { istTime, lasting, millisecondsOf } from "@/lib/moments";

import type { Day, Run } from "./shapes";

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] as const;
const DAY_MS = 86_400_000;

type Sessions = Pick<Day, "sessions">;

/** The word under which strategies are due on a date; null where none is. */
export function dueDay(kind: Day["kind"], date: string): string | null {
  if (kind === "CLOSED") return null;
  return kind === "SPECIAL" ? "SPECIAL" : (WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? null);
}

/** A session that is as long as the day: that of a laptop, which is always open. */
export function neverCloses({ sessions: [first] }: Sessions): boolean {
  return first !== undefined && millisecondsOf(first.closes) - millisecondsOf(first.opens) >= DAY_MS;
}

/** When the first session opens and the last one closes; null on a day without. */
export function hoursOf({ sessions }: Sessions): { opens: number; closes: number } | null {
  const [first, last] = [sessions.at(0), sessions.at(-1)];
  return first && last ? { opens: millisecondsOf(first.opens), closes: millisecondsOf(last.closes) } : null;
}

export type Phase = { open: boolean; words: string };

/** Where the market is in its day: `Open until 15:30 IST, 3 h 58 min left`. */
export function phaseOf(day: Pick<Day, "kind" | "session" | "sessions">, now: number): Phase {
  if (neverCloses(day)) return { open: true, words: "Open: the session of this environment never closes, and the strip is the whole day" };
  const hours = hoursOf(day);
  if (!hours) return { open: false, words: `Closed: ${day.session.replace(": ", " ")}` };
  const within = day.sessions.find(({ opens, closes }) => millisecondsOf(opens) <= now && now < millisecondsOf(closes));
  if (within) {
    const named = day.kind === "SPECIAL" ? `Open (${within.name})` : "Open";
    return { open: true, words: `${named} until ${at(within.closes)}, ${lasting(millisecondsOf(within.closes) - now)} left` };
  }
  const next = day.sessions.find(({ opens }) => now < millisecondsOf(opens));
  if (!next) return { open: false, words: `Closed since ${at(hours.closes)}` };
  const again = now > hours.opens ? "Between sessions: opens again" : "Before the session: opens";
  return { open: false, words: `${again} at ${at(next.opens)}, in ${lasting(millisecondsOf(next.opens) - now)}` };
}

const at = (instant: string | number) => `${istTime(instant, "minutes")} IST`;

/** A minute of a date in India, in milliseconds since 1970. */
export function instantOf(date: string, hhmm: string): number {
  return Date.parse(`${date}T${hhmm}:00+05:30`);
}

export const QUICK_MS = 2_000;
const CALM_MS = 30_000;
/** Around an entry or an exit, whatever the hour. */
const NEAR_MS = 2 * 60_000;
/** Before the first session and after the last, when the day is prepared and settled. */
const AROUND_MS = 20 * 60_000;
const MOVING: readonly Run["status"][] = ["preparing", "entering", "exiting"];

/** How long to wait until a day is asked for again: two seconds in market hours and while orders are on their way. */
export function paceOf(day: Day | undefined, now: number): number {
  if (!day) return QUICK_MS;
  const near = day.runs.some((run) => [run.entry, run.exit].some((hhmm) => Math.abs(instantOf(day.date, hhmm) - now) < NEAR_MS));
  const moving = day.runs.some(({ status }) => MOVING.includes(status));
  const hours = hoursOf(day);
  const trading = hours !== null && hours.opens - AROUND_MS <= now && now < hours.closes + AROUND_MS;
  return near || moving || trading ? QUICK_MS : CALM_MS;
}
