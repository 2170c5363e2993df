const DAY_MS = 86_400_000;
/** The API tells at most a quarter at once. */
export const MOST_DAYS = 92;

/** Dates as the API writes them, both included. */
export type Range = { from: string; to: string };

export type Preset = { key: string; label: string; range: (today: string) => Range };

export const PRESETS: readonly Preset[] = [
  { key: "week", label: "This week", range: (today) => ({ from: addDays(today, -((weekdayOf(today) + 6) % 7)), to: today }) },
  { key: "month", label: "This month", range: (today) => ({ from: `${today.slice(0, 8)}01`, to: today }) },
  { key: "30-days", label: "Last 30 days", range: (today) => ({ from: addDays(today, -29), to: today }) },
  { key: "quarter", label: `Last ${MOST_DAYS} days`, range: (today) => ({ from: addDays(today, 1 - MOST_DAYS), to: today }) },
];

/** The range of the first page that is opened. */
export function usualRange(today: string): Range {
  return { from: addDays(today, -29), to: today };
}

/** The range that an address asks for; null where it names none that is one. */
export function rangeOf({ from, to }: { from?: string | undefined; to?: string | undefined }): Range | null {
  return from && to && isDate(from) && isDate(to) ? { from, to } : null;
}

export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && dayOf(millisecondsAt(text)) === text;
}

/** What is wrong with a range, by its fields, in the words of the API; nothing when it can be told. */
export function problemsOf({ from, to }: Range, today: string): { from?: string; to?: string } {
  if (!isDate(from)) return { from: "Choose the first day." };
  if (!isDate(to)) return { to: "Choose the last day." };
  if (to > today) return { to: "It is in the future: choose today or an earlier day." };
  if (from > to) return { from: "It is after the last day: choose an earlier one." };
  const earliest = addDays(to, 1 - MOST_DAYS);
  return from < earliest ? { from: `More than ${MOST_DAYS} days: choose ${earliest} or a later day.` } : {};
}

export function addDays(date: string, days: number): string {
  return dayOf(millisecondsAt(date) + days * DAY_MS);
}

/** 0 is Sunday. */
export function weekdayOf(date: string): number {
  return new Date(millisecondsAt(date)).getUTCDay();
}

/** Dates without an hour are counted in UTC, where every day has 24 of them. */
function millisecondsAt(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function dayOf(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString().slice(0, 10) : "";
}
