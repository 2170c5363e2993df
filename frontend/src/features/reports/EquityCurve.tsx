import { direction, money } from "@/lib/format";
import { istDate } from "@/lib/moments";

import { scaleOf, type Scale } from "./scales";
import type { ReportDay } from "./shapes";
import { useWidth } from "@/lib/useWidth";

const HEIGHT = 220;
const TOP = 12;
const BOTTOM = HEIGHT - 28;
const LEFT = 92;
/** Between two texts, so that both can be read. */
const ROOM = 16;
const LEAST_WIDTH = 260;

type Point = { date: string; equity: string; x: number; y: number };

/** The profit from the first day up to each day. It ends where a profit is not known. */
export default function EquityCurve({ days }: { days: readonly ReportDay[] }) {
  const [measured, shown] = useWidth();
  const known = days.flatMap(({ date, equity }) => (equity === null ? [] : [{ date, equity }]));
  const width = Math.max(shown, LEAST_WIDTH);
  const right = width - 8;
  const scale = scaleOf(known.map(({ equity }) => equity), TOP, BOTTOM);
  const step = (right - LEFT) / Math.max(known.length, 1);
  const points: Point[] = known.map(({ date, equity }, at) => ({ date, equity, x: LEFT + step * (at + 1), y: scale.at(equity) }));
  const last = points.at(-1);
  const first = points[0];
  if (!first || !last) return null;
  const zero = scale.at("0");
  const line = [`M${LEFT} ${zero}`, ...points.map(({ x, y }) => `L${x} ${y}`)].join(" ");
  const told = `Equity from ${istDay(first.date)} to ${istDay(last.date)}: at the end ${signed(last.equity)}, at most ${signed(scale.highest)}, at least ${signed(scale.lowest)}. The table by day has each value.`;
  return (
    <div ref={measured}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={told} className="block text-xs">
        <path d={`${line} L${last.x} ${zero} Z`} className="fill-primary-soft" />
        <line x1={LEFT} x2={right} y1={zero} y2={zero} className="stroke-field" strokeDasharray="4 3" />
        <path d={line} className="fill-none stroke-primary" strokeWidth={2} strokeLinejoin="round" />
        <Levels scale={scale} zero={zero} />
        <text x={LEFT} y={HEIGHT - 8} textAnchor="start" className="fill-muted-foreground">
          {istDay(first.date)}
        </text>
        {points.length > 1 && (
          <text x={right} y={HEIGHT - 8} textAnchor="end" className="fill-muted-foreground">
            {istDay(last.date)}
          </text>
        )}
        {points.map(({ date, equity, x, y }) => (
          <g key={date}>
            {/* As wide as its day, so that pointing at it is easy. */}
            <rect x={x - step / 2} y={TOP} width={step} height={BOTTOM - TOP} fill="transparent">
              <title>{`${istDay(date)}: ${signed(equity)}`}</title>
            </rect>
            {points.length <= 31 && <circle cx={x} cy={y} r={3} className="pointer-events-none fill-primary" />}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Zero, the highest and the lowest where they are others, each where there is room for it. */
function Levels({ scale, zero }: { scale: Scale; zero: number }) {
  const levels = [
    { key: "zero", label: "₹0", y: zero, shown: true },
    { key: "highest", label: signed(scale.highest), y: TOP, shown: direction(scale.highest, 0) > 0 && zero - TOP > ROOM },
    { key: "lowest", label: signed(scale.lowest), y: BOTTOM, shown: direction(scale.lowest, 0) < 0 && BOTTOM - zero > ROOM },
  ];
  return levels
    .filter(({ shown }) => shown)
    .map(({ key, label, y }) => (
      <text key={key} x={LEFT - 8} y={y + 4} textAnchor="end" className="fill-muted-foreground">
        {label}
      </text>
    ));
}

const signed = (amount: string) => money(amount, { sign: "always", places: 0 });
const istDay = (date: string) => istDate(`${date}T00:00:00+05:30`);
