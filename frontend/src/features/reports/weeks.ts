import { addDays, weekdayOf, type Range } from "./ranges";

const MONDAY_FIRST = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** The weeks of a range from Monday on, by the date of that Monday; a day outside the range is null. */
export type Weeks = { weekdays: readonly string[]; weeks: readonly Week[] };
export type Week = { monday: string; days: readonly (string | null)[] };

/** Only weeks of which the range has a day. Weekends only where `traded` has a date of one: exchanges open then for
 * special sessions. */
export function weeksOf({ from, to }: Range, traded: readonly string[]): Weeks {
  const columns = traded.some((date) => weekdayOf(date) % 6 === 0) ? 7 : 5;
  const weeks: Week[] = [];
  for (let monday = mondayOf(from); monday <= to; monday = addDays(monday, 7)) {
    const dates = Array.from({ length: columns }, (_, day) => addDays(monday, day));
    const days = dates.map((date) => (date >= from && date <= to ? date : null));
    if (days.some(Boolean)) weeks.push({ monday, days });
  }
  return { weekdays: MONDAY_FIRST.slice(0, columns), weeks };
}

function mondayOf(date: string): string {
  return addDays(date, -((weekdayOf(date) + 6) % 7));
}
