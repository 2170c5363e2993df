import { lookOf, RUN } from "@/components/statuses";
import { offsetText } from "@/features/today/offset";
import { integer } from "@/lib/format";

import type { DayRuns, SendTimes } from "./shapes";

export const SLIPPAGE_TOLD =
  "Slippage is against the middle of the quote that the order was priced from, just before second 0 (its last price where a side was missing or both were crossed); a plus costs.";

/** `3 flat, 1 missed`. */
export function runsInWords(runs: DayRuns["runs"]): string {
  return runs.map(({ status, runs: count }) => `${integer(count)} ${lookOf(RUN, status).words.toLowerCase()}`).join(", ") || "none";
}

/** `+1.5 ms` from second 0, or `–` where there is none. */
export function milliseconds(offset: number | null): string {
  return offset === null ? "–" : `${offsetText(offset)} ms`;
}

/** The edges of a bucket of offsets in words. */
export function edgesOf({ from_ms, to_ms }: SendTimes["buckets"][number]): string {
  if (from_ms === null) return `before ${integer(to_ms ?? 0)} ms`;
  return to_ms === null ? `${integer(from_ms)} ms and later` : `${integer(from_ms)} to ${integer(to_ms)} ms`;
}
