import { useId, useMemo, useState, type PointerEvent, type ReactNode } from "react";

import { Delta } from "@/components/Money";
import { money, price } from "@/lib/format";

import type { AtMarket } from "../model";
import { curveOf, nearest } from "./curve";
import { useWidth } from "@/lib/useWidth";

type Payoff = NonNullable<AtMarket["payoff"]>;
const HEIGHT = 220;

/** The payoff at the first expiry (a line, its areas shaded) and today (dashed), with a reading at one level. */
export function PayoffChart({ payoff, spot }: { payoff: Payoff; spot: string }) {
  const { points } = payoff;
  const [frame, width] = useWidth(480);
  const curve = useMemo(() => curveOf(payoff, { width, height: HEIGHT }), [payoff, width]);
  const [read, setRead] = useState<number | null>(null);
  const id = useId();
  const place = Math.min(read ?? nearest(points, Number(spot)), points.length - 1);
  const point = points[place];
  if (!point) return null;

  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const along = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const pixels = points.map(({ underlying }) => Math.abs(curve.x(underlying) - along));
    setRead(pixels.indexOf(Math.min(...pixels)));
  };
  return (
    <div ref={frame} className="space-y-1">
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={described(payoff, spot)} className="block max-w-full touch-pan-y text-xs" onPointerMove={follow} onPointerDown={follow}>
        <Areas id={id} curve={curve} width={width} />
        <line x1={0} x2={width} y1={curve.y("0")} y2={curve.y("0")} className="stroke-field" />
        {payoff.breakevens.map((level) => (
          <circle key={level} cx={curve.x(level)} cy={curve.y("0")} r={3} className="fill-foreground" />
        ))}
        <line x1={curve.x(spot)} x2={curve.x(spot)} y1={14} y2={HEIGHT - 22} strokeDasharray="2 3" className="stroke-muted-foreground" />
        <text x={curve.x(spot)} y={10} textAnchor="middle" className="fill-muted-foreground">
          spot
        </text>
        <polyline points={curve.atExpiry} strokeWidth={2} className="fill-none stroke-foreground" />
        <polyline points={curve.today} strokeWidth={2} strokeDasharray="6 4" className="fill-none stroke-primary-text" />
        <Labels curve={curve} />
        <line x1={curve.x(point.underlying)} x2={curve.x(point.underlying)} y1={14} y2={HEIGHT - 22} className="stroke-ring" />
        <circle cx={curve.x(point.underlying)} cy={curve.y(point.at_expiry)} r={4} className="fill-foreground" />
        {point.today !== null && <circle cx={curve.x(point.underlying)} cy={curve.y(point.today)} r={4} className="fill-primary-text" />}
      </svg>
      <label htmlFor={`${id}-level`} className="sr-only">
        Level of the underlying
      </label>
      <input
        id={`${id}-level`}
        type="range"
        min={0}
        max={points.length - 1}
        value={place}
        onChange={(event) => setRead(Number(event.target.value))}
        aria-valuetext={`${price(point.underlying)}: at expiry ${money(point.at_expiry, { sign: "always" })}${point.today === null ? "" : `, today ${money(point.today, { sign: "always" })}`}`}
        className="block w-full accent-primary"
      />
      <p className="flex flex-wrap gap-x-4 gap-y-1">
        <span className="tabular-nums">At {price(point.underlying)}</span>
        <Key label="at the first expiry">
          <Delta value={point.at_expiry} />
        </Key>
        {point.today !== null && (
          <Key label="today" dashed>
            <Delta value={point.today} />
          </Key>
        )}
      </p>
    </div>
  );
}

type Drawn = ReturnType<typeof curveOf>;

/** What is between the line and zero: one shade above it, another below. */
function Areas({ id, curve, width }: { id: string; curve: Drawn; width: number }) {
  const zero = curve.y("0");
  const [first] = curve.atExpiry.split(",");
  const last = curve.atExpiry.split(" ").at(-1)?.split(",")[0];
  const area = `${first ?? 0},${zero} ${curve.atExpiry} ${last ?? width},${zero}`;
  return (
    <>
      <clipPath id={`${id}-above`}>
        <rect x={0} y={0} width={width} height={Math.max(zero, 0)} />
      </clipPath>
      <clipPath id={`${id}-below`}>
        <rect x={0} y={zero} width={width} height={Math.max(HEIGHT - zero, 0)} />
      </clipPath>
      <polygon points={area} clipPath={`url(#${id}-above)`} className="fill-positive-soft" />
      <polygon points={area} clipPath={`url(#${id}-below)`} className="fill-negative-soft" />
    </>
  );
}

/** The highest, the lowest and nothing along the left, levels along the bottom: all of them as the API wrote them. */
function Labels({ curve }: { curve: Drawn }) {
  const far = 16;
  const zero = curve.y("0");
  const amounts = [curve.highest, curve.lowest].filter((amount) => Math.abs(curve.y(amount) - zero) > far);
  return (
    <g className="fill-muted-foreground stroke-surface stroke-[3px] tabular-nums [paint-order:stroke]">
      {[...amounts, "0"].map((amount) => (
        <text key={amount} x={2} y={curve.y(amount) - 4}>
          {money(amount, { places: 0 })}
        </text>
      ))}
      {curve.ticks.map((level) => (
        <text key={level} x={curve.x(level)} y={HEIGHT - 6} textAnchor="middle">
          {price(level, 0)}
        </text>
      ))}
    </g>
  );
}

function Key({ label, dashed = false, children }: { label: string; dashed?: boolean; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <svg width={18} height={4} aria-hidden>
        <line x1={0} x2={18} y1={2} y2={2} strokeWidth={2} className={dashed ? "stroke-primary-text" : "stroke-foreground"} {...(dashed && { strokeDasharray: "6 4" })} />
      </svg>
      <span className="text-xs text-muted-foreground">{label}</span>
      {children}
    </span>
  );
}

function described({ points, max_profit, max_loss, breakevens }: Payoff, spot: string): string {
  const [first, last] = [points.at(0), points.at(-1)];
  const limits = `Highest profit ${max_profit === null ? "unlimited" : money(max_profit)}, highest loss ${max_loss === null ? "unlimited" : money(max_loss)}.`;
  const ends = first && last ? `From ${price(first.underlying)} (${money(first.at_expiry)}) to ${price(last.underlying)} (${money(last.at_expiry)}).` : "";
  return `Payoff at the first expiry and today by the level of the underlying, spot ${price(spot)}. ${limits} ${breakevens.length ? `Breakeven at ${breakevens.map((level) => price(level)).join(" and ")}.` : "No breakeven."} ${ends}`;
}
