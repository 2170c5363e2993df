import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

export function Card({ className, ...rest }: ComponentProps<"section">) {
  return <section className={cn("rounded-lg border bg-surface", className)} {...rest} />;
}

export function CardHeader({ className, ...rest }: ComponentProps<"header">) {
  return <header className={cn("flex flex-wrap items-start justify-between gap-3 border-b px-4 py-3", className)} {...rest} />;
}

export function CardTitle({ className, children, ...rest }: ComponentProps<"h2">) {
  return (
    <h2 className={cn("text-base font-semibold", className)} {...rest}>
      {children}
    </h2>
  );
}

export function CardContent({ className, ...rest }: ComponentProps<"div">) {
  return <div className={cn("px-4 py-3", className)} {...rest} />;
}
