import { ArrowDown, ArrowUp, Minus } from "lucide-react";

import { cn } from "@/lib/cn";
import { direction, money } from "@/lib/format";

/** Rupees from the API's decimal string. */
export function Money({ value, className }: { value: string; className?: string }) {
  return <span className={cn("whitespace-nowrap tabular-nums", className)}>{money(value)}</span>;
}

/** A profit, a loss or a change in rupees: sign and arrow say which, the colour says it again. */
export function Delta({ value, className }: { value: string; className?: string }) {
  const way = direction(value);
  const Arrow = way > 0 ? ArrowUp : way < 0 ? ArrowDown : Minus;
  return (
    <span
      className={cn(
        "inline-flex items-baseline gap-1 font-medium whitespace-nowrap tabular-nums",
        way > 0 && "text-positive",
        way < 0 && "text-negative",
        className,
      )}
    >
      <Arrow className="size-3.5 shrink-0 self-center" aria-hidden />
      {money(value, { sign: "always" })}
    </span>
  );
}
