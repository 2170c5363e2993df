import type { AtMarket } from "../model";

type Payoff = NonNullable<AtMarket["payoff"]>;
type Point = Payoff["points"][number];

export type Size = { width: number; height: number };
export type Curve = {
  /** Pixels from the left for a level of the underlying. */
  x: (underlying: string) => number;
  /** Pixels from the top for an amount. */
  y: (amount: string) => number;
  atExpiry: string;
  today: string;
  highest: string;
  lowest: string;
  /** Levels that are written below the chart. */
  ticks: string[];
};

const EDGE = { top: 18, bottom: 24, side: 8 };
const TICK_EVERY_PX = 90;

/** Where the points of a payoff are on a screen. Floats serve here: they become pixels, and no amount is made of them. */
export function curveOf({ points }: Payoff, { width, height }: Size): Curve {
  const levels = points.map(({ underlying }) => Number(underlying));
  const amounts = points.flatMap(({ at_expiry, today }) => (today === null ? [at_expiry] : [at_expiry, today]));
  const [lowest, highest] = extremes(["0", ...amounts]);
  const x = scale(Math.min(...levels), Math.max(...levels), EDGE.side, width - EDGE.side);
  const y = scale(Number(lowest), Number(highest), height - EDGE.bottom, EDGE.top);
  const path = (amountOf: (point: Point) => string | null) =>
    points
      .flatMap((point) => {
        const amount = amountOf(point);
        return amount === null ? [] : [`${x(point.underlying)},${y(amount)}`];
      })
      .join(" ");
  return {
    x,
    y,
    atExpiry: path(({ at_expiry }) => at_expiry),
    today: path(({ today }) => today),
    highest,
    lowest,
    ticks: ticksOf(points, Math.max(2, Math.floor(width / TICK_EVERY_PX))),
  };
}

/** The place of the point that is nearest to a level. */
export function nearest(points: readonly Point[], level: number): number {
  let best = 0;
  points.forEach(({ underlying }, index) => {
    const known = points[best];
    if (known && Math.abs(Number(underlying) - level) < Math.abs(Number(known.underlying) - level)) best = index;
  });
  return best;
}

function extremes(amounts: readonly string[]): [string, string] {
  const sorted = [...amounts].sort((one, other) => Number(one) - Number(other));
  return [sorted.at(0) ?? "0", sorted.at(-1) ?? "0"];
}

function scale(from: number, to: number, start: number, end: number): (value: string) => number {
  const width = to - from || 1;
  return (value) => Math.round((start + ((Number(value) - from) / width) * (end - start)) * 10) / 10;
}

/** Points of the curve that are evenly apart. */
function ticksOf(points: readonly Point[], count: number): string[] {
  const [from, to] = [Number(points.at(0)?.underlying), Number(points.at(-1)?.underlying)];
  const places = Array.from({ length: count }, (_, index) => nearest(points, from + ((to - from) * (index + 0.5)) / count));
  return [...new Set(places)].flatMap((place) => points[place]?.underlying ?? []);
}
