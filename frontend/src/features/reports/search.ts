import type { BookName } from "./shapes";

export type ReportSearch = { from?: string; to?: string; book?: BookName };

/** What of an address the page Reports reads; the rest is left out. */
export function reportSearch(search: Record<string, unknown>): ReportSearch {
  return {
    ...(typeof search.from === "string" && { from: search.from }),
    ...(typeof search.to === "string" && { to: search.to }),
    ...(search.book === "paper" && { book: "paper" }),
  };
}
