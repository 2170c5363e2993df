import { money } from "@/lib/format";
import { millisecondsOf } from "@/lib/moments";

import { placeOf, type Span } from "./day_strip";
import type { Day, ProfitPoint } from "./shapes";
import { hoursOf, neverCloses } from "./trading_day";

/** The book of which a profit is: accounts with money, or paper. */
export type Book = "money" | "paper";
export type Size = { width: number; height: number };
export type Spot = { x: number; y: number };
export type Curve = {
  x: (at: number) => number;
  y: (amount: string) => number;
  /** Where the drawing begins, right of its amounts. */
  left: number;
  /** Each unbroken stretch of marks. */
  lines: Record<Book, Spot[][]>;
  highest: string;
  lowest: string;
};

const EDGE = { top: 12, bottom: 28, right: 4 };
const LETTER_PX = 8.2;
/** Two marks further apart than this have lost some between them: no line joins them. */
const BROKEN_MS = 150_000;
const SHORTEST_MS = 30 * 60_000;

/** The hours of the session; where it never closes, from the first mark on. */
export function spanOfPoints(day: Pick<Day, "sessions">, points: readonly ProfitPoint[]): Span {
  const instants = points.map(({ at }) => millisecondsOf(at));
  const hours = neverCloses(day) ? null : hoursOf(day);
  const from = Math.min(...instants, ...(hours ? [hours.opens] : []));
  return { from, to: Math.max(...instants, hours ? hours.closes : from + SHORTEST_MS) };
}

/** An amount beside the drawing: `+₹1,843`. */
export const levelText = (amount: string) => money(amount, { sign: "always", places: 0 });

/** Where the profits are on a screen. Floats serve here: they become pixels, and no amount is made of them. */
export function curveOf(points: readonly ProfitPoint[], span: Span, { width, height }: Size): Curve {
  const sorted = ["0", ...points.flatMap(({ money, paper }) => [money, paper].filter((amount) => amount !== null))].sort((one, other) => Number(one) - Number(other));
  const [lowest, highest] = [sorted.at(0) ?? "0", sorted.at(-1) ?? "0"];
  const size = Number(highest) - Number(lowest) || 1;
  const left = Math.ceil(Math.max(...[lowest, highest].map((amount) => levelText(amount).length)) * LETTER_PX) + 6;
  const place = placeOf(span, width - left - EDGE.right);
  const x = (at: number) => left + place(at);
  const y = (amount: string) => Math.round((EDGE.top + ((Number(highest) - Number(amount)) / size) * (height - EDGE.top - EDGE.bottom)) * 10) / 10;
  return { x, y, left, lines: { money: linesOf(points, "money", x, y), paper: linesOf(points, "paper", x, y) }, highest, lowest };
}

function linesOf(points: readonly ProfitPoint[], book: Book, x: Curve["x"], y: Curve["y"]): Spot[][] {
  const lines: Spot[][] = [];
  let line: Spot[] = [];
  let before: number | null = null;
  for (const point of points) {
    const at = millisecondsOf(point.at);
    const amount = point[book];
    if (amount === null || (before !== null && at - before > BROKEN_MS)) line = [];
    before = amount === null ? null : at;
    if (amount === null) continue;
    if (line.length === 0) lines.push(line);
    line.push({ x: x(at), y: y(amount) });
  }
  return lines;
}

/** The place of the mark that is nearest to a pixel. */
export function nearestTo(along: number, points: readonly ProfitPoint[], x: Curve["x"]): number {
  const apart = points.map(({ at }) => Math.abs(x(millisecondsOf(at)) - along));
  return apart.indexOf(Math.min(...apart));
}
