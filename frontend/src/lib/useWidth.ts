import { useCallback, useState } from "react";

/** How many pixels wide an element is, now and later: a drawing of that width has text of the page's size. */
export function useWidth(untilMeasured = 640): [(shown: Element | null) => (() => void) | undefined, number] {
  const [width, setWidth] = useState(untilMeasured);
  const measured = useCallback((shown: Element | null) => {
    if (!shown || typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(shown);
    return () => observer.disconnect();
  }, []);
  return [measured, width];
}
