import { AlarmClock, Ban, Clock } from "lucide-react";
import { memo } from "react";

import { Badge, type Tone } from "@/components/ui/badge";

import type { Due } from "./due";
import { Step, Times } from "./Step";

type Look = { words: string; icon: typeof Ban; tone: Tone; told: readonly string[] };

/** A strategy that is due and has no run: it will enter, or will not and why, or its minute passed. */
export const DueRow = memo(function DueRow({ due, past }: { due: Due; past: boolean }) {
  const { words, icon: Icon, tone, told } = lookOf(due, past);
  return (
    <Step tone={tone} hollow>
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <Times entry={due.entry} exit={due.exit} />
        <span className="min-w-0 flex-1 basis-40 space-y-0.5 wrap-break-word">
          <span className="font-medium">{due.strategy.definition.name}</span> <span className="text-muted-foreground">{due.strategy.definition.underlying}</span>
          {told.map((line) => (
            <span key={line} className="block">
              {line}
            </span>
          ))}
        </span>
        <span className="@2xl:w-56">
          <Badge tone={tone}>
            <Icon aria-hidden />
            {words}
          </Badge>
        </span>
      </div>
    </Step>
  );
});

function lookOf({ stopped }: Due, past: boolean): Look {
  if (past) return { words: "No run", icon: Clock, tone: "neutral", told: ["Its entry is past without a run: it was saved or enabled later, or its minute was lost."] };
  if (stopped.length > 0) return { words: "Will not enter", icon: Ban, tone: "warning", told: stopped };
  return { words: "Due", icon: AlarmClock, tone: "info", told: [] };
}
