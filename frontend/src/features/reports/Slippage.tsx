import { cn } from "@/lib/cn";
import { direction, money } from "@/lib/format";

type Props = { /** Rupees; a plus costs. */ value: string | null; className?: string };

/** What fills cost against the quotes before them. Its sign is that of a cost, so it is not shown as a profit is; and
 * since most fills cost something, a cost is no alarm. */
export function Slippage({ value, className }: Props) {
  if (value === null) {
    return (
      <span className={cn("text-muted-foreground", className)} title="No order with both a fill and a quote before it">
        –
      </span>
    );
  }
  const way = direction(value);
  return (
    <span className={cn("relative whitespace-nowrap tabular-nums", way < 0 && "text-positive", className)}>
      {money(value, { sign: "always" })}
      {way !== 0 && <span className="sr-only">{way > 0 ? ", a cost" : ", a gain"}</span>}
    </span>
  );
}
