import { CheckCheck, MoveVertical, Send, Tag, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { lookOf, ORDER } from "@/components/statuses";
import { offsetText } from "@/features/today/offset";
import type { Names } from "@/features/today/scopes";
import { reasonOfOrder, withNames } from "@/features/today/words";
import { cn } from "@/lib/cn";
import { integer, price } from "@/lib/format";
import { istTime } from "@/lib/moments";

import type { Order } from "./shapes";
import { chaptersOf, contractNames, type Chapter, type Happening, type Step } from "./story";

type Look = { words: string; icon: LucideIcon; tone: string };

const ON_THE_WAY: Readonly<Partial<Record<Step, Look>>> = {
  priced: { words: "Priced", icon: Tag, tone: "text-muted-foreground" },
  sent: { words: "Sent", icon: Send, tone: "text-info" },
  acknowledged: { words: "Acknowledged", icon: CheckCheck, tone: "text-info" },
  chased: { words: "Limit moved", icon: MoveVertical, tone: "text-info" },
};
/** A run in one account says so once. */
const NOT_AGAIN: ReadonlyMap<string, string> = new Map();
const TONES = { positive: "text-positive", negative: "text-negative", warning: "text-warning", info: "text-info", primary: "text-primary-text", neutral: "text-muted-foreground" };

/** What happened in a run, in order of time: when its orders left and what became of each. */
export function Story({ label, orders, names }: { label: string; orders: readonly Order[]; names: Names }) {
  const contracts = contractNames(orders);
  const accounts = new Map(orders.map(({ account_id }) => [account_id, names.accounts.get(account_id) ?? account_id]));
  const [only] = accounts.size === 1 ? accounts.values() : [];
  return (
    <ol aria-label={label} className="space-y-3">
      {chaptersOf(orders).map((chapter) => (
        <li key={chapter.key}>
          <h3 className="mb-1.5 flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{titleOf(chapter)}</span>
            <span className="text-xs text-muted-foreground">{[whenOf(chapter), only].filter(Boolean).join(", ")}</span>
          </h3>
          <ol className="border-l-2 pl-3 leading-6">
            {chapter.happenings.map((happening, at) => (
              <Line key={at} happening={happening} contracts={contracts} accounts={only ? NOT_AGAIN : accounts} names={names} />
            ))}
          </ol>
        </li>
      ))}
    </ol>
  );
}

function titleOf({ orders }: Chapter): string {
  const { phase, at_once, attempt } = orders[0] ?? { phase: "entry", at_once: false, attempt: 1 };
  if (!at_once) return phase === "entry" ? "Entry" : "Exit";
  if (phase === "entry") return `Entry, tried again (attempt ${attempt})`;
  return attempt === 1 ? "Squared off" : `What was left was closed (attempt ${attempt})`;
}

function whenOf({ intended_at, orders }: Chapter): string {
  const count = orders.length === 1 ? "1 order" : `${integer(orders.length)} orders`;
  return orders[0]?.at_once ? `${count}, at once` : `${count}, planned for ${istTime(intended_at)} IST`;
}

type LineProps = { happening: Happening; contracts: ReadonlyMap<string, string>; accounts: ReadonlyMap<string, string>; names: Names };

function Line({ happening, contracts, accounts, names }: LineProps) {
  const { step, at, precisely, first, last, orders } = happening;
  const { words, icon: Icon, tone } = ON_THE_WAY[step] ?? lookOfStatus(step);
  const [order] = orders;
  const reason = order && ON_THE_WAY[step] === undefined ? withNames(reasonOfOrder(order), names) : "";
  return (
    <li className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 sm:grid-cols-[6.5rem_10rem_minmax(0,1fr)]">
      <span className="text-muted-foreground tabular-nums">{at === null ? <span className="sr-only">at no known time: </span> : <time dateTime={at}>{istTime(at, precisely ? "milliseconds" : "seconds")}</time>}</span>
      <span className={cn("font-medium tabular-nums", first === null && "max-sm:hidden")}>{rangeText(first, last)}</span>
      <div className="min-w-0 max-sm:col-span-2 max-sm:mb-1">
        <span className={cn("mr-1.5 font-medium whitespace-nowrap", tone)}>
          <Icon className="mr-1.5 inline size-3.5 align-[-0.125em]" aria-hidden />
          {words}
        </span>
        {step === "priced" ? <span>{orders.length === 1 ? "1 order" : `${integer(orders.length)} orders`} from the brokers' quotes</span> : <Orders step={step} orders={orders} contracts={contracts} accounts={accounts} />}
        {reason && <p className="wrap-break-word">{reason}</p>}
        {step === "refused" && order?.advice && <p className="font-medium">{order.advice}</p>}
      </div>
    </li>
  );
}

function Orders({ step, orders, contracts, accounts }: Omit<LineProps, "happening" | "names"> & Pick<Happening, "step" | "orders">): ReactNode {
  return orders.map((order, at) => {
    const more = [toldOf(step, order, orders.length > 1), accounts.get(order.account_id)].filter(Boolean);
    return (
      <span key={order.intent_id}>
        {at > 0 && <span className="text-muted-foreground"> · </span>}
        <span className="font-medium">{order.side}</span> {contracts.get(order.contract) ?? order.contract}
        {more.length > 0 && <span className="text-muted-foreground">, {more.join(", ")}</span>}
      </span>
    );
  });
}

/** What belongs to a step besides whose it is: quantities and prices. */
function toldOf(step: Step, { quantity, filled_quantity, average_price, limit_price, chased, at_once, offset_ms }: Order, amongOthers: boolean): string {
  const limit = limit_price === null ? "" : ` to ${price(limit_price)}`;
  if (step === "chased") return chased === 1 ? `once,${limit}` : `${integer(chased)} times, last${limit}`;
  if (step === "sent" && amongOthers && !at_once && offset_ms !== null) return `${integer(quantity)}, ${offsetText(offset_ms)} ms`;
  if (step === "acknowledged") return "";
  if (filled_quantity === 0 || step === "sent") return integer(quantity);
  const share = filled_quantity === quantity ? integer(quantity) : `${integer(filled_quantity)} of ${integer(quantity)} filled`;
  return average_price === null ? share : `${share} at ${price(average_price)}`;
}

function lookOfStatus(step: Step): Look {
  const { words, icon, tone } = lookOf(ORDER, step);
  return { words, icon, tone: TONES[tone] };
}

/** `+1.5 ms`, or `+1.5 to +3.2 ms`. */
function rangeText(first: number | null, last: number | null): string {
  if (first === null || last === null) return "";
  const [from, to] = [offsetText(first), offsetText(last)];
  return from === to ? `${from} ms` : `${from} to ${to} ms`;
}
