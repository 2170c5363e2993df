import type { OrderStatus } from "@/components/statuses";
import { millisecondsBetween } from "@/features/today/offset";

import type { Order } from "./shapes";

/** What happens to an order; its statuses are where it stands in the end. */
export type Step = "priced" | "sent" | "acknowledged" | "chased" | OrderStatus;

/** What happened to some orders one after the other, with nothing else between. `at` is when it began, null where nobody
 * told when it was, and told `precisely` where all of it was told more finely than to the second. Offsets are
 * milliseconds from second 0 to the first and to the last of them. */
export type Happening = { step: Step; at: string | null; precisely: boolean; first: number | null; last: number | null; orders: readonly Order[] };

/** The orders of a run that belong together: those of its entry, of its exit, or of one attempt to mend or to close it. */
export type Chapter = { key: string; intended_at: string; orders: readonly Order[]; happenings: readonly Happening[] };

const SECOND_MS = 1000;
/** Instants have no finer parts. */
const STEP_MS = 0.001;

type Moment = { order: Order; step: Step; at: string | null; /** Where it lies among the others, in milliseconds. */ place: number; rank: number };

const BEFORE_THE_END: readonly Step[] = ["priced", "sent", "acknowledged", "chased"];
/** Where an order stands that has not come to its end, or never left: at no instant, so it is told last. */
const AT_NO_INSTANT: readonly Step[] = ["planned", "sending", "accepted", "unknown", "missed", "withheld"];
/** Told one by one where their reasons differ. */
const FOR_A_REASON: readonly Step[] = ["refused", "cancelled", "expired", "unknown", "missed", "withheld"];

/** A run in order of time. */
export function chaptersOf(orders: readonly Order[]): Chapter[] {
  const groups = new Map<string, Order[]>();
  for (const order of orders) groups.set(chapterOf(order), [...(groups.get(chapterOf(order)) ?? []), order]);
  const chapters = [...groups].map(([key, of]) => ({ key, intended_at: of[0]?.intended_at ?? "", orders: of, happenings: happeningsOf(of) }));
  return chapters.sort((one, other) => beginOf(one).localeCompare(beginOf(other)));
}

/** Instants of the API are of one zone, so that their texts sort as they do. */
function beginOf({ intended_at, orders }: Chapter): string {
  const sent = orders.flatMap(({ at_once, sent_at }) => (at_once && sent_at ? [sent_at] : [])).sort();
  return sent[0] ?? intended_at;
}

function chapterOf({ intended_at, phase, at_once, attempt }: Order): string {
  return `${intended_at} ${phase} ${at_once ? attempt : "at second 0"}`;
}

function happeningsOf(orders: readonly Order[]): Happening[] {
  const moments = inTheirSecond(orders.flatMap(momentsOf)).sort((one, other) => one.place - other.place || one.rank - other.rank || one.order.leg - other.order.leg);
  const groups: Moment[][] = [];
  for (const moment of moments) {
    const open = groups.at(-1);
    if (open?.[0] && belongTogether(open[0], moment)) open.push(moment);
    else groups.push([moment]);
  }
  return groups.map(happeningOf);
}

/** What was told to the second lies anywhere in it: behind what else came, and before the next orders left, which may
 * have waited for it. */
function inTheirSecond(moments: readonly Moment[]): Moment[] {
  const sent = moments.filter(({ step }) => step === "sent").map(({ place }) => place);
  return moments.map((moment) => {
    if (moment.at === null || isPrecise(moment.step, moment.at)) return moment;
    const second = millisecondsBetween(moment.order.intended_at, moment.at) ?? 0;
    const next = Math.min(...sent.filter((place) => place > moment.place));
    return { ...moment, place: Math.max(moment.place, Math.min(second + SECOND_MS - STEP_MS, next - STEP_MS)) };
  });
}

function belongTogether(one: Moment, other: Moment): boolean {
  return one.step === other.step && (one.at === null) === (other.at === null) && (!FOR_A_REASON.includes(one.step) || one.order.reason === other.order.reason);
}

function happeningOf(moments: readonly Moment[]): Happening {
  const offsets = moments.map(offsetOf).filter((offset) => offset !== null);
  const whole = offsets.length === moments.length;
  return {
    step: moments[0]?.step ?? "planned",
    at: moments[0]?.at ?? null,
    precisely: moments.every(({ step, at }) => at !== null && isPrecise(step, at)),
    first: whole ? (offsets[0] ?? null) : null,
    last: whole ? (offsets.at(-1) ?? null) : null,
    orders: moments.map(({ order }) => order),
  };
}

/** What is sent at once has no second 0, and an instant that was told to the second has no milliseconds. */
function offsetOf({ order, step, at }: Moment): number | null {
  if (order.at_once || at === null || !isPrecise(step, at)) return null;
  return step === "sent" ? order.offset_ms : millisecondsBetween(order.intended_at, at);
}

/** Whether an instant was told more finely than to the second: most exchanges' are not, ours always are. */
export function isPrecise(step: Step, at: string): boolean {
  return BEFORE_THE_END.includes(step) || /:\d\d\.\d*[1-9]/.test(at);
}

/** What is known of an order, each at its instant and none before the one before it. */
function momentsOf(order: Order): Moment[] {
  const { status, quoted, sent_at, acknowledged_at, exchange_at, chased, chased_at } = order;
  const refusedByAnswer = status === "refused" && order.broker_order_id === null;
  const told: [Step, string | null][] = [
    ["priced", quoted?.at ?? null],
    ["sent", sent_at],
    ["acknowledged", refusedByAnswer ? null : acknowledged_at],
    ["chased", chased > 0 ? chased_at : null],
  ];
  const known = told.filter(([, at]) => at !== null);
  const end: [Step, string | null] = [status, AT_NO_INSTANT.includes(status) ? null : refusedByAnswer ? acknowledged_at : exchange_at];
  let place = -Infinity;
  return [...known, end].map(([step, at], rank) => {
    const own = at === null ? null : millisecondsBetween(order.intended_at, at);
    place = own === null ? (AT_NO_INSTANT.includes(step) ? Infinity : place) : Math.max(place, own);
    return { order, step, at, place, rank: BEFORE_THE_END.includes(step) ? BEFORE_THE_END.indexOf(step) : BEFORE_THE_END.length + rank };
  });
}

const OPTION = /^(.+) (\S+ (?:CE|PE))$/;

/** What contracts are called where only their strikes differ: `26400 CE`; else by their whole names. */
export function contractNames(orders: readonly Order[]): ReadonlyMap<string, string> {
  const parts = [...new Set(orders.map(({ contract }) => contract))].map((contract) => [contract, OPTION.exec(contract)] as const);
  const alike = new Set(parts.map(([contract, found]) => found?.[1] ?? contract)).size === 1;
  return new Map(parts.map(([contract, found]) => [contract, alike ? (found?.[2] ?? contract) : contract]));
}
