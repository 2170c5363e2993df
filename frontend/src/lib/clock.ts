import { useSyncExternalStore } from "react";

/** Below this a difference is the network's, not the clock's: `Date` headers have whole seconds. */
const TRUSTED_MS = 2_000;

let ahead = 0;

/** Learn from an answer's `Date` header how wrong this computer's clock is: ages are told by the server's. */
export function heardServerTime(header: string | null, sentAt: number, receivedAt: number): void {
  const told = header ? Date.parse(header) + 500 : Number.NaN;
  if (!Number.isFinite(told)) return;
  const difference = told - (sentAt + receivedAt) / 2;
  ahead = Math.abs(difference) > TRUSTED_MS ? difference : 0;
}

/** Milliseconds since 1970 by the server's clock, as far as it is known. */
export function serverNow(): number {
  return Date.now() + ahead;
}

const listeners = new Set<() => void>();
let second = Math.floor(serverNow() / 1000) * 1000;
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  const current = Math.floor(serverNow() / 1000) * 1000;
  if (current === second) return;
  second = current;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 250);
  tick();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The current second by the server's clock; the component renders once a second. Use it low in the tree. */
export function useSecond(): number {
  return useSyncExternalStore(subscribe, () => second);
}
