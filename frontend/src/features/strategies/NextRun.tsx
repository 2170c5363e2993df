import { CalendarClock } from "lucide-react";

import { useSecond } from "@/lib/clock";
import { istMoment, lasting, millisecondsOf } from "@/lib/moments";

import type { Strategy } from "./model";

/** When it enters next, by the calendar; nothing for one that is disabled. */
export function NextRun({ strategy: { definition, next_run } }: { strategy: Strategy }) {
  if (!definition.enabled) return null;
  if (!next_run) return <p className="text-warning">No run within two months</p>;
  return (
    <p className="flex items-start gap-1.5 font-medium">
      <CalendarClock className="mt-0.5 size-4 shrink-0 text-muted-foreground" aria-hidden />
      <Until entry={next_run.entry} />
    </p>
  );
}

function Until({ entry }: { entry: string }) {
  const now = useSecond();
  const left = millisecondsOf(entry) - now;
  return (
    <span>
      Next run {istMoment(entry, now)}, <span className="whitespace-nowrap">{left > 0 ? `in ${lasting(left)}` : "now"}</span>
    </span>
  );
}
