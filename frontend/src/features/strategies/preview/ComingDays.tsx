import { CalendarCheck, CalendarX } from "lucide-react";

import { Badge } from "@/components/ui/badge";
import { istDate, istTime } from "@/lib/moments";

import type { AtMarket, Preview } from "../model";
import { expiringOn, together, upTo } from "./months";

const RUNS = 5;

/** The next runs, the days between on which it does not run and why, and which of them are expiries of its contracts. */
export function ComingDays({ days, market }: { days: Preview["coming"]; market: AtMarket | null }) {
  const next = upTo(days, RUNS);
  const beyond = [...new Set((market?.legs ?? []).map(({ expiry }) => expiry))].filter((expiry) => !next.some(({ date }) => date === expiry)).sort();
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">Next runs</h3>
      {days.length === 0 && <p className="text-muted-foreground">None within two months: choose weekdays or special sessions.</p>}
      <ul className="divide-y rounded-md border empty:hidden">
        {together(next).map((group) => {
          const [first, last] = [group.at(0), group.at(-1)];
          if (!first || !last) return null;
          const { date, runs, entry, exit, reason } = first;
          const expiring = [...new Set(group.flatMap((day) => expiringOn(day.date, market)))];
          const Icon = runs ? CalendarCheck : CalendarX;
          return (
            <li key={date} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
              <span className="flex items-start gap-2 font-medium">
                <Icon className={runs ? "mt-0.5 size-4 shrink-0 text-positive" : "mt-0.5 size-4 shrink-0 text-warning"} aria-hidden />
                <span>
                  {on(date)}
                  {first !== last && ` to ${on(last.date)}`}
                </span>
              </span>
              <span className="min-w-40 flex-1 wrap-break-word text-muted-foreground">
                {runs && entry && exit ? `${istTime(entry, "minutes")}–${istTime(exit, "minutes")} IST, ${reason}` : `no run: ${reason}`}
              </span>
              {expiring.length > 0 && <Badge tone="info">expiry of leg {expiring.join(", ")}</Badge>}
            </li>
          );
        })}
      </ul>
      {beyond.length > 0 && (
        <p className="text-xs text-muted-foreground">Other expiries: {beyond.map((expiry) => `${on(expiry)} (leg ${expiringOn(expiry, market).join(", ")})`).join("; ")}</p>
      )}
    </section>
  );
}

function on(date: string): string {
  return istDate(`${date}T12:00+05:30`);
}
