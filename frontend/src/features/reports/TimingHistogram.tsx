import { integer } from "@/lib/format";

import type { SendTimes } from "./shapes";
import { useWidth } from "@/lib/useWidth";
import { edgesOf } from "./words";

const HEIGHT = 180;
const TOP = 20;
const BOTTOM = HEIGHT - 40;
/** As wide as the text below a bar. */
const LEAST_STEP = 56;
const MOST_STEP = 120;
const MOST_BAR = 64;

type Bucket = SendTimes["buckets"][number];

/** How many orders were sent how long after second 0. Without the empty buckets at both ends. */
export default function TimingHistogram({ times }: { times: SendTimes }) {
  const [measured, shown] = useWidth();
  const buckets = trimmed(times.buckets);
  const most = Math.max(...buckets.map(({ orders }) => orders), 1);
  const step = Math.min(Math.max(shown / Math.max(buckets.length, 1), LEAST_STEP), MOST_STEP);
  const width = Math.max(step * buckets.length, 200);
  const bar = Math.min(step - 8, MOST_BAR);
  return (
    <div ref={measured}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`Sent orders by milliseconds from second 0; ${integer(times.orders)} orders. The table below has each count.`} className="block text-xs">
        <line x1={0} x2={width} y1={BOTTOM} y2={BOTTOM} className="stroke-field" />
        {buckets.map((bucket, at) => {
          const height = ((BOTTOM - TOP) * bucket.orders) / most;
          const middle = step * (at + 0.5);
          return (
            <g key={edgesOf(bucket)}>
              <title>{`${edgesOf(bucket)}: ${integer(bucket.orders)} orders`}</title>
              <rect x={middle - bar / 2} y={BOTTOM - height} width={bar} height={height} className="fill-primary" />
              <text x={middle} y={BOTTOM - height - 6} textAnchor="middle" className="fill-foreground">
                {bucket.orders ? integer(bucket.orders) : ""}
              </text>
              <text x={middle} y={BOTTOM + 16} textAnchor="middle" className="fill-muted-foreground">
                {shortEdgesOf(bucket)}
              </text>
            </g>
          );
        })}
        <text x={0} y={HEIGHT - 6} textAnchor="start" className="fill-muted-foreground">
          milliseconds from second 0
        </text>
      </svg>
    </div>
  );
}

function shortEdgesOf({ from_ms, to_ms }: Bucket): string {
  if (from_ms === null) return `<${to_ms ?? 0}`;
  return to_ms === null ? `≥${from_ms}` : `${from_ms}–${to_ms}`;
}

function trimmed(buckets: readonly Bucket[]): readonly Bucket[] {
  const held = buckets.map(({ orders }) => orders > 0);
  return buckets.slice(Math.max(held.indexOf(true), 0), held.lastIndexOf(true) + 1);
}
