import { useId, useMemo, useState, type PointerEvent, type ReactNode } from "react";

import { useWidth } from "@/lib/useWidth";
import { money } from "@/lib/format";
import { istTime, millisecondsOf } from "@/lib/moments";

import { hoursIn } from "./day_strip";
import { Amount } from "./Profit";
import { curveOf, levelText, nearestTo, spanOfPoints, type Curve, type Spot } from "./profit_curve";
import type { Day, ProfitPoint } from "./shapes";

type Props = { points: readonly ProfitPoint[]; day: Pick<Day, "sessions">; /** Whether something is traded on paper. */ paper: boolean };

const HEIGHT = 200;

/** The profit at each mark: a line for money, its area shaded, and a dashed one for paper; with a reading at one minute. */
export default function ProfitChart({ points, day, paper }: Props) {
  const [frame, width] = useWidth(640);
  const span = useMemo(() => spanOfPoints(day, points), [day, points]);
  const curve = useMemo(() => curveOf(points, span, { width, height: HEIGHT }), [points, span, width]);
  const [read, setRead] = useState<number | null>(null);
  const point = points[read ?? points.length - 1] ?? points.at(-1);
  if (!point) return null;
  const follow = (event: PointerEvent<SVGSVGElement>) => setRead(nearestTo(event.clientX - event.currentTarget.getBoundingClientRect().left, points, curve.x));
  const zero = curve.y("0");
  return (
    <div ref={frame} className="space-y-2">
      <svg
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={described(points, curve)}
        className="block max-w-full touch-pan-y text-xs"
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => setRead(null)}
      >
        {hoursIn(span, width - curve.left).map((hour) => (
          <g key={hour}>
            {hour !== span.from && hour !== span.to && <line x1={curve.x(hour)} x2={curve.x(hour)} y1={0} y2={HEIGHT - 20} className="stroke-border" />}
            <text x={curve.x(hour)} y={HEIGHT - 5} textAnchor={hour === span.from ? "start" : hour === span.to ? "end" : "middle"} className="fill-muted-foreground tabular-nums">
              {istTime(hour, "minutes")}
            </text>
          </g>
        ))}
        <Areas lines={curve.lines.money} zero={zero} width={width} />
        <line x1={curve.left} x2={width} y1={zero} y2={zero} className="stroke-field" />
        <Levels curve={curve} />
        <Lines lines={curve.lines.paper} dashed />
        <Lines lines={curve.lines.money} />
        <line x1={curve.x(millisecondsOf(point.at))} x2={curve.x(millisecondsOf(point.at))} y1={0} y2={HEIGHT - 20} strokeDasharray="2 3" className="stroke-muted-foreground" />
        {point.money !== null && <circle cx={curve.x(millisecondsOf(point.at))} cy={curve.y(point.money)} r={3.5} className="fill-foreground" />}
      </svg>
      <p className="flex flex-wrap items-baseline gap-x-5 gap-y-1">
        <span className="tabular-nums">{istTime(point.at, "minutes")} IST</span>
        <Reading label="with money">
          <Amount value={point.money} />
        </Reading>
        {paper && (
          <Reading label="on paper" dashed>
            <Amount value={point.paper} />
          </Reading>
        )}
      </p>
      <Marks points={points} paper={paper} />
    </div>
  );
}

/** What is between the line and zero: one shade above it, another below. */
function Areas({ lines, zero, width }: { lines: readonly Spot[][]; zero: number; width: number }) {
  const id = useId();
  const areas = lines.map((line) => `${line[0]?.x ?? 0},${zero} ${pathOf(line)} ${line.at(-1)?.x ?? 0},${zero}`);
  return (
    <>
      <clipPath id={`${id}-above`}>
        <rect x={0} y={0} width={width} height={Math.max(zero, 0)} />
      </clipPath>
      <clipPath id={`${id}-below`}>
        <rect x={0} y={zero} width={width} height={Math.max(HEIGHT - zero, 0)} />
      </clipPath>
      {areas.map((area) => (
        <g key={area}>
          <polygon points={area} clipPath={`url(#${id}-above)`} className="fill-positive-soft" />
          <polygon points={area} clipPath={`url(#${id}-below)`} className="fill-negative-soft" />
        </g>
      ))}
    </>
  );
}

/** Marks of which the neighbours are missing are dots: a line needs two. */
function Lines({ lines, dashed = false }: { lines: readonly Spot[][]; dashed?: boolean }) {
  return lines.map((line) => {
    const [first] = line;
    if (!first) return null;
    if (line.length === 1) return <circle key={first.x} cx={first.x} cy={first.y} r={2} className={dashed ? "fill-primary-text" : "fill-foreground"} />;
    return (
      <polyline
        key={first.x}
        points={pathOf(line)}
        strokeWidth={dashed ? 1.5 : 2}
        strokeLinejoin="round"
        className={dashed ? "fill-none stroke-primary-text" : "fill-none stroke-foreground"}
        {...(dashed && { strokeDasharray: "5 4" })}
      />
    );
  });
}

/** The highest, the lowest and nothing, as the API wrote them, each where the others leave room for it. */
function Levels({ curve }: { curve: Curve }) {
  const far = 14;
  const amounts = [curve.highest, curve.lowest].filter((amount) => Math.abs(curve.y(amount) - curve.y("0")) > far);
  return (
    <g className="fill-muted-foreground tabular-nums">
      {[...amounts, "0"].map((amount) => (
        <text key={amount} x={curve.left - 6} y={curve.y(amount) + 4} textAnchor="end">
          {levelText(amount)}
        </text>
      ))}
    </g>
  );
}

function Reading({ label, dashed = false, children }: { label: string; dashed?: boolean; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <svg width={18} height={4} aria-hidden>
        <line x1={0} x2={18} y1={2} y2={2} strokeWidth={2} className={dashed ? "stroke-primary-text" : "stroke-foreground"} {...(dashed && { strokeDasharray: "5 4" })} />
      </svg>
      <span className="text-xs text-muted-foreground">{label}</span>
      {children}
    </span>
  );
}

/** Each mark in words, the latest first. Its rows are made when it is opened. */
function Marks({ points, paper }: Omit<Props, "day">) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded text-xs text-muted-foreground hover:text-foreground">Each mark in a table</summary>
      {open && (
        // A frame that scrolls must be reachable by the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="mt-2 max-h-64 w-fit max-w-full overflow-auto rounded-md border" role="region" aria-label="Profit at each mark" tabIndex={0}>
          <table className="text-right">
            <thead className="sticky top-0 bg-muted text-xs text-muted-foreground">
              <tr>
                <th scope="col" className="row-cell text-left font-medium">
                  IST
                </th>
                <th scope="col" className="row-cell font-medium">
                  With money
                </th>
                {paper && (
                  <th scope="col" className="row-cell font-medium">
                    On paper
                  </th>
                )}
              </tr>
            </thead>
            <tbody className="divide-y">
              {points.toReversed().map((point) => (
                <tr key={point.at}>
                  <td className="row-cell text-left">{istTime(point.at, "minutes")}</td>
                  <td className="row-cell">
                    <Amount value={point.money} />
                  </td>
                  {paper && (
                    <td className="row-cell">
                      <Amount value={point.paper} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

const pathOf = (line: readonly Spot[]) => line.map(({ x, y }) => `${x},${y}`).join(" ");

function described(points: readonly ProfitPoint[], { highest, lowest }: Curve): string {
  const [first, last] = [points.at(0), points.at(-1)];
  const end = last?.money == null ? "not known" : money(last.money, { sign: "always" });
  const hours = first && last ? `from ${istTime(first.at, "minutes")} to ${istTime(last.at, "minutes")} IST` : "";
  return `Profit of the day ${hours}: at the end ${end}, between ${money(lowest, { sign: "always" })} and ${money(highest, { sign: "always" })}. The table below has each mark.`;
}
