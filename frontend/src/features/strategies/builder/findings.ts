import { createContext, use } from "react";

import type { ProblemError } from "@/api/problem";

/** What the API said last of the definition as it stands: `of(path)` is what belongs to a field. */
export const FindingsContext = createContext<ProblemError | null>(null);

export function useFinding(path: string): string | undefined {
  return use(FindingsContext)?.of(path);
}

/** What was said of these places as such, and not of a field within. */
export function useExactly(...paths: string[]): string | undefined {
  const fields = use(FindingsContext)?.fields;
  return paths.flatMap((path) => fields?.get(path) ?? []).join(" ") || undefined;
}

/** Whether anything was said of what begins with one of these. */
export function useAnything(...prefixes: string[]): boolean {
  const fields = use(FindingsContext)?.fields;
  return fields !== undefined && [...fields.keys()].some((field) => prefixes.some((prefix) => field.startsWith(prefix)));
}

/** The names of what was said of a field and of what is in it. */
export function useFindingNames(path: string): string[] {
  const fields = use(FindingsContext)?.fields;
  return fields ? [...fields.keys()].filter((name) => name === path || name.startsWith(`${path}.`)) : [];
}

/** Where what was said of a field stands, where that is not below the field itself. */
export function findingId(name: string): string {
  return `finding-${name}`;
}

/** The fields of a definition in which two versions differ. */
export function differing(one: object, other: object): string[] {
  const [left, right] = [one, other] as Record<string, unknown>[];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => !same(left?.[name], right?.[name]));
}

/** Whether two things say the same; the order of keys says nothing. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, ordered(inner)]));
}
