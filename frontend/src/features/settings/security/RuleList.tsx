import { Circle, CircleCheck } from "lucide-react";

import { cn } from "@/lib/cn";

import type { Rule } from "./password_rules";

/** What a new password needs; each line is ticked as soon as it has it. */
export function RuleList({ id, rules, password }: { id: string; rules: readonly Rule[]; password: string }) {
  return (
    <ul id={id} aria-label="A new password needs" className="space-y-1 text-xs">
      {rules.map(({ words, met }) => {
        const done = met(password);
        const Icon = done ? CircleCheck : Circle;
        return (
          <li key={words} className={cn("flex items-center gap-2", done ? "font-medium text-positive" : "text-muted-foreground")}>
            <Icon className="size-3.5 shrink-0" aria-hidden />
            <span>
              {words}
              <span className="sr-only">{done ? ": fulfilled" : ": still missing"}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
