import { cn } from "@/lib/cn";

/** The shape of something that is coming. Put it inside `Loading`, which says so in words. */
export function Skeleton({ className }: { className: string }) {
  return <div className={cn("animate-pulse rounded-md bg-muted", className)} aria-hidden />;
}
