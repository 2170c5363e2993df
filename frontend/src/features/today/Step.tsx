import type { ReactNode } from "react";

import type { Tone } from "@/components/ui/badge";
import { cn } from "@/lib/cn";

const DOTS: Record<Tone, string> = {
  neutral: "border-field bg-field",
  primary: "border-primary-text bg-primary-text",
  positive: "border-positive bg-positive",
  negative: "border-negative bg-negative",
  warning: "border-warning bg-warning",
  info: "border-info bg-info",
};

/** One step of the day, on the line that runs through all of them. `hollow`: it is still to come, or never came. */
export function Step({ tone, hollow = false, children }: { tone: Tone; hollow?: boolean; children: ReactNode }) {
  return (
    <li className="relative py-2.5 pr-3 pl-9 before:absolute before:inset-y-0 before:left-4 before:w-px before:bg-border first:before:top-4 last:before:bottom-[calc(100%-1rem)]">
      <span className={cn("absolute top-3.5 left-4 size-2.5 -translate-x-1/2 rounded-full border-2", DOTS[tone], hollow && "bg-surface")} aria-hidden />
      {children}
    </li>
  );
}

/** Entry and exit in IST, in a column of their own. */
export function Times({ entry, exit }: { entry: string; exit: string }) {
  return (
    <span className="w-28 shrink-0 whitespace-nowrap tabular-nums">
      <span className="font-medium">{entry}</span> <span className="text-muted-foreground">to {exit}</span>
    </span>
  );
}
