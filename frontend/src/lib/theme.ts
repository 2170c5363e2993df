import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** Read by public/theme.js too, before the first paint. */
export const THEME_KEY = "legwise.theme";

const listeners = new Set<() => void>();

/** What the user chose; `system` when nothing was, or storage is refused. */
export function theme(): Theme {
  try {
    const kept = localStorage.getItem(THEME_KEY);
    return THEMES.find((name) => name === kept) ?? "system";
  } catch {
    return "system";
  }
}

export function chooseTheme(chosen: Theme): void {
  try {
    if (chosen === "system") localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, chosen);
  } catch {
    // Storage is refused: the choice lasts until the page is left.
  }
  show(chosen);
  for (const listener of listeners) listener();
}

/** Follow the system, and the choice made in another tab. */
export function followTheme(): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(theme()));
  addEventListener("storage", (event) => {
    if (event.key !== THEME_KEY) return;
    show(theme());
    for (const listener of listeners) listener();
  });
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}

function show(chosen: Theme): void {
  const dark = chosen === "dark" || (chosen === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
}
