import { readFileSync } from "node:fs";

import { beforeEach, describe, expect, it, vi } from "vitest";

import { chooseTheme, theme, THEME_KEY } from "./theme";

const script = readFileSync("public/theme.js", "utf8");
const isDark = () => document.documentElement.classList.contains("dark");

function system(dark: boolean): void {
  vi.stubGlobal("matchMedia", () => ({ matches: dark }));
}

/** What the page does before its first paint. */
function load(): void {
  document.documentElement.classList.remove("dark");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the file is what runs
  new Function(script)();
}

beforeEach(() => document.documentElement.classList.remove("dark"));

describe("the theme", () => {
  it.each([
    ["light", true, false],
    ["dark", false, true],
    ["system", true, true],
    ["system", false, false],
  ] as const)("%s on a system that is dark: %s, is the same now and after a reload", (chosen, dark, expected) => {
    system(dark);
    chooseTheme(chosen);
    expect(isDark()).toBe(expected);
    load();
    expect(isDark()).toBe(expected);
    expect(theme()).toBe(chosen);
  });

  it("follows the system when what is kept is no theme", () => {
    system(true);
    localStorage.setItem(THEME_KEY, "pink");
    load();
    expect([theme(), isDark()]).toEqual(["system", true]);
  });

  it("does without a storage", () => {
    system(true);
    vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
    chooseTheme("dark");
    load();
    expect([theme(), isDark()]).toEqual(["system", true]);
  });
});

function refuse(): never {
  throw new DOMException("refused", "SecurityError");
}
