import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

const css = readFileSync("src/styles.css", "utf8");

function tokens(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`), css.indexOf("}", css.indexOf(`${selector} {`)));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]));
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const GROUNDS = ["background", "surface", "surface-raised", "muted"];
const TEXT = [
  ...["foreground", "muted-foreground", "primary-text", "positive", "negative", "warning", "info"].flatMap((text) => GROUNDS.map((ground) => [text, ground])),
  ...["positive", "negative", "warning", "info"].map((tone) => [tone, `${tone}-soft`]),
  ["primary-text", "primary-soft"],
  ["primary-foreground", "primary"],
  ["primary-foreground", "primary-hover"],
  ["negative-foreground", "negative"],
  ["background", "foreground"],
] as [string, string][];
const EDGES = ["field", "ring"].flatMap((edge) => GROUNDS.map((ground) => [edge, ground])) as [string, string][];

describe.each([":root", ".dark"])("colours of %s", (selector) => {
  const colours = tokens(selector);
  const ratio = ([one, other]: [string, string]) => contrast(colours[one] ?? "", colours[other] ?? "");
  it.each(TEXT)("%s on %s can be read", (...pair) => expect(ratio(pair)).toBeGreaterThanOrEqual(4.5));
  it.each(EDGES)("%s on %s can be seen", (...pair) => expect(ratio(pair)).toBeGreaterThanOrEqual(3));
});

it("every light colour has its dark twin", () => expect(Object.keys(tokens(".dark")).sort()).toEqual(Object.keys(tokens(":root")).sort()));
