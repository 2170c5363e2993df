import { useSyncExternalStore } from "react";

import { serverNow } from "@/lib/clock";

/** Whether the API answers, by the last request. `since` is when it answered last; null when it never has. */
export type Away = { since: number | null } | null;

let away: Away = null;
let lastAnswer: number | null = null;
const listeners = new Set<() => void>();

export function heardAnswer(): void {
  lastAnswer = serverNow();
  if (away) become(null);
}

export function heardNothing(): void {
  if (!away) become({ since: lastAnswer });
}

export function useAway(): Away {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => away,
  );
}

function become(next: Away): void {
  away = next;
  for (const listener of listeners) listener();
}
