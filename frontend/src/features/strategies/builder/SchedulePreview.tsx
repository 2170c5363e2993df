import { Loading } from "@/components/States";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { serverNow } from "@/lib/clock";
import { istDate, istDay } from "@/lib/moments";

import type { Schedule } from "../model";
import { look, MonthView } from "../preview/MonthView";
import { monthsOf, type ComingDay } from "../preview/months";
import { same } from "./findings";
import type { Previewed } from "./usePreview";

/** The months ahead by the calendar of the exchange and the operator's changes: on which days it runs, and why not on others. */
export function SchedulePreview({ schedule, previewed: { preview, of, busy } }: { schedule: Schedule; previewed: Previewed }) {
  const today = istDay(serverNow());
  if (!preview) {
    if (!busy) return <p className="text-xs text-muted-foreground">On which days it runs is not known as long as there is no preview.</p>;
    return (
      <Loading label="The days on which it runs are on their way">
        <Skeleton className="h-44" />
      </Loading>
    );
  }
  const before = !same(of?.schedule, schedule);
  const months = monthsOf(preview.coming, preview.at_market, today);
  const last = preview.coming.at(-1);
  const skipped = bySameReason(preview.coming.filter(({ runs }) => !runs));
  return (
    <section aria-label="Days on which it runs" className="@container space-y-2 border-t pt-3">
      {before && (
        <p role="status" className="text-xs text-warning">
          {busy ? "Being asked for your last changes; below is what was before." : "Below is what was before your last changes."}
        </p>
      )}
      {preview.coming.length === 0 && <p className="text-muted-foreground">No run within two months: choose weekdays or special sessions.</p>}
      <div className="grid items-start gap-x-6 gap-y-3 @sm:grid-cols-2 @2xl:grid-cols-3">
        {months.map((month) => (
          <MonthView key={month.name} month={month} today={today} />
        ))}
      </div>
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted-foreground" aria-hidden>
        <Sample className={look({ runs: true })}>runs</Sample>
        <Sample className={look({ runs: false })}>in its schedule, but no run</Sample>
        <span>
          <sup className="font-semibold">E</sup> expiry of a leg, as it is now
        </span>
      </p>
      {last && <p className="text-xs text-muted-foreground">Told up to {istDate(`${last.date}T12:00+05:30`)}: two months ahead, or as far as the calendar knows.</p>}
      {skipped.length > 0 && (
        <ul className="space-y-0.5 text-xs text-muted-foreground">
          {skipped.map(([reason, days]) => (
            <li key={reason} className="wrap-break-word">
              {datesOf(days)}: {reason}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Sample({ className, children }: { className: string | undefined; children: string }) {
  return (
    <span>
      <span className={cn("mr-1 rounded px-1", className)}>9</span>
      {children}
    </span>
  );
}

function bySameReason(days: readonly ComingDay[]): [string, ComingDay[]][] {
  const found = new Map<string, ComingDay[]>();
  for (const day of days) found.set(day.reason, [...(found.get(day.reason) ?? []), day]);
  return [...found];
}

const SHOWN = 3;

/** `Tue 24 Nov 2026`; of many the first few, for the months above show them all. */
function datesOf(days: readonly ComingDay[]): string {
  const dates = days.slice(0, SHOWN).map(({ date }) => istDate(`${date}T12:00+05:30`));
  return days.length > SHOWN ? `${dates.join(", ")} and ${days.length - SHOWN} more` : dates.join(", ");
}
