import { cn } from "@/lib/cn";
import { istTime } from "@/lib/moments";

import type { DayCell, Month } from "./months";

const DAYS = [
  ["Mon", "Monday"],
  ["Tue", "Tuesday"],
  ["Wed", "Wednesday"],
  ["Thu", "Thursday"],
  ["Fri", "Friday"],
  ["Sat", "Saturday"],
  ["Sun", "Sunday"],
] as const;

/** One month: the days on which it runs, those on which it does not although its schedule names them, and expiries. */
export function MonthView({ month: { name, weeks }, today }: { month: Month; today: string }) {
  return (
    <table className="w-full max-w-80 table-fixed border-separate border-spacing-0.5 text-center text-xs tabular-nums">
      <caption className="pb-1 text-left font-medium">{name}</caption>
      <thead className="text-muted-foreground">
        <tr>
          {DAYS.map(([short, long]) => (
            <th key={short} scope="col" abbr={long} className="font-normal">
              {short.slice(0, 2)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week, index) => (
          <tr key={index}>{week.map((day, place) => (day ? <Day key={day.date} day={day} today={today} /> : <td key={place} />))}</tr>
        ))}
      </tbody>
    </table>
  );
}

function Day({ day: { date, number, told, expiring }, today }: { day: DayCell; today: string }) {
  const words = [date === today && "today", told && inWords(told), expiring.length > 0 && `expiry of leg ${expiring.join(", ")}`].filter(Boolean).join("; ");
  return (
    <td title={words || undefined} className={cn("rounded border py-1", date === today ? "border-ring" : "border-transparent", look(told), !told && "text-muted-foreground")}>
      {number}
      {expiring.length > 0 && (
        <sup aria-hidden className="font-semibold">
          E
        </sup>
      )}
      {words && <span className="sr-only">: {words}</span>}
    </td>
  );
}

/** Bold on a ground for a run, struck out for none: the colours only repeat it. */
export function look(told: { runs: boolean } | null): string | undefined {
  if (!told) return undefined;
  return told.runs ? "bg-positive-soft font-bold text-positive" : "bg-warning-soft text-warning line-through";
}

function inWords({ runs, entry, exit, reason }: NonNullable<DayCell["told"]>): string {
  return runs && entry && exit ? `runs ${istTime(entry, "minutes")} to ${istTime(exit, "minutes")}, ${reason}` : `no run: ${reason}`;
}
