import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A table that never scrolls sideways: its columns stand side by side where its frame is wide enough, and below that
 * each row is a card. Roles say that it is a table, since the layout of a `table` element would be lost in a card.
 * `columns` is its grid: a class that starts with `@4xl:grid-cols-`. */
export function StackingTable({ label, columns, className, ...rest }: ComponentProps<"div"> & { label: string; columns: string }) {
  return (
    <div className="@container rounded-lg border bg-surface">
      <div role="table" aria-label={label} className={cn("divide-y @4xl:grid", columns, className)} {...rest} />
    </div>
  );
}

const ROW = "@4xl:col-span-full @4xl:grid @4xl:grid-cols-subgrid";

/** The names of the columns; read out, not seen, where rows are cards. */
export function StackingHead({ className, ...rest }: ComponentProps<"div">) {
  return <div role="row" className={cn("@max-4xl:sr-only @4xl:rounded-t-lg @4xl:bg-muted/60 @4xl:text-xs @4xl:text-muted-foreground", ROW, className)} {...rest} />;
}

export function StackingRow({ className, ...rest }: ComponentProps<"div">) {
  return <div role="row" className={cn("flex flex-wrap items-baseline gap-x-3 gap-y-1 px-3 py-2.5 hover:bg-muted/40 @4xl:gap-0 @4xl:p-0", ROW, className)} {...rest} />;
}

type Cell = { /** Amounts and counts: right-aligned where they stand in columns. */ number?: boolean };

export function StackingHeadCell({ className, number = false, ...rest }: ComponentProps<"div"> & Cell) {
  return <div role="columnheader" className={cn("row-cell font-medium whitespace-nowrap", number && "text-right", className)} {...rest} />;
}

export function StackingCell({ className, number = false, ...rest }: ComponentProps<"div"> & Cell) {
  return <div role="cell" className={cn("min-w-0 @4xl:row-cell", number && "whitespace-nowrap @4xl:text-right", className)} {...rest} />;
}
