import { useDeferredValue, type ReactNode } from "react";

/**
 * What is below the first sight: drawn after what is above it, in pieces between which the browser can answer.
 * Later changes are drawn like any other.
 */
export function Later({ children }: { children: ReactNode }) {
  const due = useDeferredValue(true, false);
  return due ? children : <div hidden aria-busy="true" />;
}
