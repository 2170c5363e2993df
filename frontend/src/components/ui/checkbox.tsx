import * as Radix from "@radix-ui/react-checkbox";
import { Check } from "lucide-react";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** Needs a label: `aria-label`, or a `<Label htmlFor>`. */
export function Checkbox({ className, ...rest }: ComponentProps<typeof Radix.Root>) {
  return (
    <Radix.Root
      className={cn(
        "relative inline-flex size-4.5 shrink-0 items-center justify-center rounded border border-field bg-surface after:absolute after:-inset-3 disabled:opacity-55 data-[state=checked]:border-primary data-[state=checked]:bg-primary data-[state=checked]:text-primary-foreground",
        className,
      )}
      {...rest}
    >
      <Radix.Indicator>
        <Check className="size-3.5" aria-hidden />
      </Radix.Indicator>
    </Radix.Root>
  );
}
