import { useSecond } from "@/lib/clock";
import { istDate, istTime, millisecondsOf } from "@/lib/moments";

import { momentsAfter, whyNothing, type Due, type Moment } from "./due";
import { countdown } from "./offset";
import type { Day, Strategy } from "./shapes";

type Props = { day: Day; due: readonly Due[]; strategies: readonly Strategy[]; /** Whether the strategies were loaded. */ known: boolean };

/** How long until something is done, and what; where nothing is any more, why, and when next. */
export function NextTick(props: Props) {
  const now = useSecond();
  const [next, ...later] = momentsAfter(now, props.day, props.due);
  return (
    <section className="min-w-0 @3xl:w-60 @3xl:shrink-0" aria-label="The next entry or exit">
      {next ? <Coming now={now} next={next} later={later} /> : <Nothing now={now} {...props} />}
    </section>
  );
}

function Coming({ now, next, later }: { now: number; next: Moment; later: readonly Moment[] }) {
  const together = [next, ...later.filter(({ at }) => at === next.at)];
  return (
    <div className="space-y-0.5">
      <p>
        <span className="block text-xs text-muted-foreground">Next at {istTime(next.at, "minutes")} IST, in</span>
        <span className="text-3xl leading-tight font-bold tabular-nums">{countdown(next.at - now)}</span>
      </p>
      <p className="wrap-break-word">{momentWords(together)}</p>
    </div>
  );
}

function Nothing({ now, day, due, strategies, known }: { now: number } & Props) {
  if (!known) return <p>What is due is not known: your strategies could not be loaded.</p>;
  return (
    <p className="wrap-break-word">
      <strong className="block font-semibold">Nothing more today</strong>
      {whyNothing(now, day, strategies, due)}.{nextDay(day.date, strategies)}
    </p>
  );
}

/** When a strategy enters first after this date, by the API's calendar. */
function nextDay(date: string, strategies: readonly Strategy[]): string {
  const entries = strategies.flatMap(({ next_run }) => (next_run && next_run.date > date ? [millisecondsOf(next_run.entry)] : []));
  const next = Math.min(...entries);
  return entries.length > 0 ? ` Next: ${istDate(next)}, ${istTime(next, "minutes")} IST.` : "";
}

const SHOWN = 4;

/** `Entry of Condor, Straddle; exit of Fly`. */
function momentWords(moments: readonly Moment[]): string {
  const shown = moments.slice(0, SHOWN);
  const told = (["entry", "exit"] as const).flatMap((which) => {
    const names = shown.filter(({ what }) => what === which).map(({ name }) => name);
    return names.length > 0 ? [`${which} of ${names.join(", ")}`] : [];
  });
  const more = moments.length - SHOWN;
  const words = `${told.join("; ")}${more > 0 ? ` and ${more} more` : ""}`;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
