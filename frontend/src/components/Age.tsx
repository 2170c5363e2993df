import { TriangleAlert } from "lucide-react";

import { useSecond } from "@/lib/clock";
import { cn } from "@/lib/cn";
import { ago, istTime, millisecondsOf, type Instant } from "@/lib/moments";

type Props = { at: Instant; staleAfter: number; /** What happened then. */ words?: string; className?: string };

/** "as of 09:20:03 IST, 2 s ago". Amber, with a sign, once it is older than `staleAfter` seconds. */
export function Age({ at, staleAfter, words = "as of", className }: Props) {
  const now = useSecond();
  const stale = now - millisecondsOf(at) > staleAfter * 1000;
  return (
    <span className={cn("inline-flex items-baseline gap-1 text-xs tabular-nums", stale ? "font-medium text-warning" : "text-muted-foreground", className)}>
      {stale && <TriangleAlert className="size-3.5 shrink-0 self-center" aria-hidden />}
      <span>
        {words} <time dateTime={new Date(millisecondsOf(at)).toISOString()}>{istTime(at)}</time> IST, {ago(at, now)}
        {stale && <span className="sr-only">, which is old</span>}
      </span>
    </span>
  );
}
