import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

export const fieldLook =
  "h-9 w-full min-w-0 rounded-md border border-field bg-surface px-3 text-foreground placeholder:text-muted-foreground disabled:opacity-55 aria-invalid:border-negative pointer-coarse:h-11 pointer-coarse:text-base";

export function Input({ className, type = "text", ...rest }: ComponentProps<"input">) {
  return <input type={type} className={cn(fieldLook, className)} {...rest} />;
}
