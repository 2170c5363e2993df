import { memo, useMemo } from "react";

import { useWidth } from "@/lib/useWidth";
import { useSecond } from "@/lib/clock";
import { cn } from "@/lib/cn";
import { istTime, millisecondsOf } from "@/lib/moments";

import { hoursIn, labelsOf, marksOf, placeOf, sessionWords, spanOf, toldOf, type Mark, type Span } from "./day_strip";
import type { Due } from "./due";
import type { Day } from "./shapes";
import { phaseOf } from "./trading_day";

type Shown = Pick<Day, "date" | "kind" | "session" | "sessions" | "runs">;
type Props = { day: Shown; due: readonly Due[]; /** Whether the day is today: only then there is a now in it. */ running: boolean };

const HEIGHT = 66;
const BAR = { top: 30, height: 14 };

/** The day from its first open to its last close: its sessions, now, and the minutes at which strategies enter and leave. */
export const DayStrip = memo(function DayStrip({ day, due, running }: Props) {
  const marks = useMemo(() => marksOf(day, due), [day, due]);
  const span = spanOf(day, marks);
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        {running && <PhaseWords day={day} />}
        {span && marks.length > 0 && <Key />}
      </div>
      {span && <Drawing day={day} marks={marks} span={span} running={running} />}
    </div>
  );
});

function PhaseWords({ day }: { day: Shown }) {
  const { open, words } = phaseOf(day, useSecond());
  return (
    <p className="flex min-w-0 items-baseline gap-2">
      <span className={cn("size-2 shrink-0 rounded-full", open ? "bg-positive" : "border border-muted-foreground")} aria-hidden />
      <span className="sr-only">Market: </span>
      <span className="min-w-0 font-medium wrap-break-word tabular-nums">{words}</span>
    </p>
  );
}

/** What the signs above the bar mean. The marks are read out in words, so this is for the eye. */
function Key() {
  return (
    <p className="flex gap-4 text-xs text-muted-foreground" aria-hidden>
      {(["entry", "exit"] as const).map((what) => (
        <span key={what} className="inline-flex items-center gap-1.5">
          <svg width={10} height={10}>
            <Sign what={what} x={5} y={5} />
          </svg>
          {what}
        </span>
      ))}
    </p>
  );
}

function Drawing({ day, marks, span, running }: { day: Shown; marks: readonly Mark[]; span: Span; running: boolean }) {
  const [frame, width] = useWidth(640);
  const place = placeOf(span, width);
  const labels = labelsOf(marks, place, width);
  const middle = BAR.top - 8;
  return (
    <div ref={frame}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden className="block max-w-full overflow-visible text-xs">
        {day.sessions.map(({ name, opens, closes }) => {
          const [start, end] = [place(millisecondsOf(opens)), place(millisecondsOf(closes))];
          return (
            <g key={`${name} ${opens}`}>
              <rect x={start} y={BAR.top} width={Math.max(end - start, 1)} height={BAR.height} rx={3} className="fill-muted" />
              {running && <Elapsed from={millisecondsOf(opens)} to={millisecondsOf(closes)} place={place} />}
              <title>{sessionWords({ name, opens, closes })}</title>
            </g>
          );
        })}
        {hoursIn(span, width).map((hour) => (
          <text key={hour} x={place(hour)} y={HEIGHT - 6} textAnchor={hour === span.from ? "start" : hour === span.to ? "end" : "middle"} className="fill-muted-foreground tabular-nums">
            {hour === span.to && istTime(hour, "minutes") === "00:00" ? "24:00" : istTime(hour, "minutes")}
          </text>
        ))}
        {marks.map((mark, index) => {
          const label = labels[index];
          return (
            <g key={`${mark.what} ${mark.at}`}>
              <title>{toldOf(mark)}</title>
              <Sign what={mark.what} x={place(mark.at)} y={middle} />
              <line x1={place(mark.at)} x2={place(mark.at)} y1={middle + 4} y2={BAR.top + BAR.height} className="stroke-primary-text" />
              {/* Wider than the sign, so that it is easy to point at. */}
              <rect x={place(mark.at) - 8} y={0} width={16} height={BAR.top + BAR.height} fill="transparent" />
              {label && (
                <text x={label.anchor === "start" ? Math.max(label.x - 4, 0) : Math.min(label.x + 4, width)} y={11} textAnchor={label.anchor} className="fill-foreground tabular-nums">
                  {label.text}
                </text>
              )}
            </g>
          );
        })}
        {running && <NowLine span={span} place={place} />}
      </svg>
      <ul className="sr-only" aria-label="Sessions, entries and exits of the day">
        {day.sessions.map((session) => (
          <li key={session.opens}>{sessionWords(session)}</li>
        ))}
        {marks.map((mark) => (
          <li key={`${mark.what} ${mark.at}`}>{toldOf(mark)}</li>
        ))}
      </ul>
    </div>
  );
}

/** An entry points into the day, an exit is a square. */
function Sign({ what, x, y }: { what: Mark["what"]; x: number; y: number }) {
  if (what === "entry") return <polygon points={`${x - 4.5},${y - 4} ${x + 4.5},${y - 4} ${x},${y + 4}`} className="fill-primary-text" />;
  return <rect x={x - 3.5} y={y - 4} width={7} height={7} strokeWidth={1.5} className="fill-surface stroke-primary-text" />;
}

type Place = (instant: number) => number;

/** What of a session is past. */
function Elapsed({ from, to, place }: { from: number; to: number; place: Place }) {
  const now = useSecond();
  const end = place(Math.min(now, to));
  const start = place(from);
  return end > start ? <rect x={start} y={BAR.top} width={end - start} height={BAR.height} rx={3} className="fill-field opacity-45" /> : null;
}

function NowLine({ span, place }: { span: Span; place: Place }) {
  const now = useSecond();
  if (now < span.from || now > span.to) return null;
  const x = place(now);
  return <rect x={x - 1} y={BAR.top - 4} width={2} height={BAR.height + 8} rx={1} className="fill-foreground" />;
}
