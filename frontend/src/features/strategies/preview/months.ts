import type { AtMarket, Preview } from "../model";

export type ComingDay = Preview["coming"][number];

export type DayCell = {
  /** `2026-11-23`. */
  date: string;
  /** The day of its month. */
  number: number;
  /** What the API told of it; null where the schedule does not name it. */
  told: ComingDay | null;
  /** The legs whose contract expires on it. */
  expiring: readonly number[];
};

/** `name` is `November 2026`; weeks begin with Monday, and days of other months are null. */
export type Month = { name: string; weeks: readonly (readonly (DayCell | null)[])[] };

const NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** The legs that expire on a date, by the contracts that they mean now. */
export function expiringOn(date: string, market: AtMarket | null): number[] {
  return (market?.legs ?? []).filter(({ expiry }) => expiry === date).map(({ leg }) => leg);
}

/** The months from `today` to the last day that was told of. Dates are calendar dates; no zone has a say in them. */
export function monthsOf(days: readonly ComingDay[], market: AtMarket | null, today: string): Month[] {
  const last = days.at(-1)?.date ?? today;
  const told = new Map(days.map((day) => [day.date, day]));
  const cell = (date: string, number: number): DayCell => ({ date, number, told: told.get(date) ?? null, expiring: expiringOn(date, market) });
  const months: Month[] = [];
  for (let [year, month] = partsOf(today); written(year, month) <= last.slice(0, 7); [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1]) {
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const lead = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
    const cells = [...Array.from({ length: lead }, () => null), ...Array.from({ length }, (_, index) => cell(`${written(year, month)}-${two(index + 1)}`, index + 1))];
    const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => Array.from({ length: 7 }, (_day, place) => cells[week * 7 + place] ?? null));
    months.push({ name: `${NAMES[month - 1] ?? ""} ${year}`, weeks });
  }
  return months;
}

/** The days that are told of in a row for the same reason, as one; those on which it runs stay apart. */
export function together(days: readonly ComingDay[]): ComingDay[][] {
  const groups: ComingDay[][] = [];
  for (const day of days) {
    const before = groups.at(-1);
    if (before?.[0] && !day.runs && !before[0].runs && before[0].reason === day.reason) before.push(day);
    else groups.push([day]);
  }
  return groups;
}

/** The days up to the one on which it runs for the `runs`th time. */
export function upTo(days: readonly ComingDay[], runs: number): ComingDay[] {
  let found = 0;
  return days.filter((day) => {
    if (found === runs) return false;
    found += day.runs ? 1 : 0;
    return true;
  });
}

function partsOf(date: string): [number, number] {
  return [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
}

function written(year: number, month: number): string {
  return `${year}-${two(month)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
