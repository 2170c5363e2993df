import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A table that scrolls sideways inside its frame when the screen is small. `label` names it. */
export function Table({ className, label, ...rest }: ComponentProps<"table"> & { label: string }) {
  return (
    // A frame that scrolls must be reachable by the keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="overflow-x-auto rounded-lg border bg-surface" role="region" aria-label={label} tabIndex={0}>
      <table className={cn("w-full border-collapse text-left", className)} {...rest} />
    </div>
  );
}

export function TableHead({ className, ...rest }: ComponentProps<"thead">) {
  return <thead className={cn("border-b bg-muted/60 text-xs text-muted-foreground", className)} {...rest} />;
}

export function TableBody({ className, ...rest }: ComponentProps<"tbody">) {
  return <tbody className={cn("divide-y", className)} {...rest} />;
}

export function TableRow({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={cn("hover:bg-muted/40", className)} {...rest} />;
}

type Cell = { /** Amounts and counts: right-aligned. */ number?: boolean };

export function HeadCell({ className, number = false, scope = "col", ...rest }: ComponentProps<"th"> & Cell) {
  return <th scope={scope} className={cn("row-cell font-medium whitespace-nowrap", number && "text-right", className)} {...rest} />;
}

export function TableCell({ className, number = false, ...rest }: ComponentProps<"td"> & Cell) {
  return <td className={cn("row-cell", number && "text-right whitespace-nowrap", className)} {...rest} />;
}
