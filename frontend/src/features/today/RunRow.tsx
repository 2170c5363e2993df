import { ChevronRight } from "lucide-react";
import { memo, useId } from "react";

import { StatusBadge } from "@/components/StatusBadge";
import { lookOf, RUN } from "@/components/statuses";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";

import { Amount } from "./Profit";
import { RunStory } from "./RunStory";
import type { Names, Scope } from "./scopes";
import { isClosed, type Order, type Position, type Run } from "./shapes";
import { Step, Times } from "./Step";
import { reasonOfRun, withNames } from "./words";

type Props = {
  run: Run;
  open: boolean;
  orders: readonly Order[];
  positions: readonly Position[];
  names: Names;
  onToggle: (run_id: string) => void;
  onSquareOff: (scope: Scope) => void;
};

/** Nothing was filled in these, so nothing was made or lost. */
const NO_PROFIT: readonly Run["status"][] = ["preparing", "refused", "missed"];

const TROUBLED: readonly Tone[] = ["warning", "negative"];

/** One run; pressed, it tells its story. While it is closed it is given no orders, and is not rendered for them. */
export const RunRow = memo(function RunRow({ run, open, orders, positions, names, onToggle, onSquareOff }: Props) {
  const id = useId();
  const look = lookOf(RUN, run.status);
  // What needs a hand is told whole; how a run was planned, when it is opened.
  const calm = !TROUBLED.includes(look.tone);
  const reason = withNames(reasonOfRun(run), names);
  return (
    <Step tone={look.tone}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h3>
            <button
              type="button"
              aria-expanded={open}
              aria-controls={open ? id : undefined}
              className="flex w-full flex-wrap items-baseline gap-x-4 gap-y-1 rounded text-left hover:text-primary-text"
              onClick={() => onToggle(run.run_id)}
            >
              <Times entry={run.entry} exit={run.exit} />
              <span className="min-w-0 flex-1 basis-40 wrap-break-word">
                <span className="font-medium">{run.name}</span> <span className="text-muted-foreground">{run.underlying}</span> {run.paper && <Badge>Paper</Badge>}
                <ChevronRight className={cn("ml-1 inline size-4 text-muted-foreground transition-transform", open && "rotate-90")} aria-hidden />
              </span>
            </button>
          </h3>
          {reason && <p className={cn("wrap-break-word @2xl:ml-32", !open && calm && "line-clamp-2")}>{reason}</p>}
        </div>
        <span className="text-right @2xl:w-36">{!NO_PROFIT.includes(run.status) && <Amount value={run.profit} />}</span>
        <span className="@2xl:w-28">
          <StatusBadge of="run" status={run.status} />
        </span>
        <span className="@max-2xl:ml-auto @2xl:w-24 @2xl:text-right">
          {!isClosed(run) && (
            <Button variant="secondary" size="small" className="-my-1" aria-label={`Square off ${run.name}`} onClick={() => onSquareOff({ kind: "run", id: run.run_id })}>
              Square off
            </Button>
          )}
        </span>
      </div>
      {open && (
        <div id={id} className="pt-3 pb-2 @max-2xl:-ml-6">
          <RunStory run={run} orders={orders} positions={positions} names={names} onSquareOff={onSquareOff} />
        </div>
      )}
    </Step>
  );
});
