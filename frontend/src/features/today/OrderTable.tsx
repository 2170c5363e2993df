import { memo, type ReactNode } from "react";

import { StatusBadge } from "@/components/StatusBadge";
import { StackingCell, StackingHead, StackingHeadCell, StackingRow, StackingTable } from "@/components/ui/stacking-table";
import { integer, money, price } from "@/lib/format";
import { istTime } from "@/lib/moments";

import { millisecondsBetween, offsetText } from "./offset";
import type { Names } from "./scopes";
import type { Order } from "./shapes";
import { reasonOfOrder, withNames } from "./words";

type Props = { label: string; orders: readonly Order[]; names: Names; /** Inside a run its name is not said again. */ withRun?: boolean };

const COLUMNS = "@4xl:grid-cols-[auto_auto_minmax(6rem,1fr)_auto_auto_auto_auto]";

/** Orders with the offset of each from second 0: seven columns of two lines, or a card each where that has no room. */
export function OrderTable({ label, orders, names, withRun = false }: Props) {
  return (
    <StackingTable label={label} columns={COLUMNS}>
      <StackingHead>
        <StackingHeadCell>Due, IST</StackingHeadCell>
        <StackingHeadCell number>
          <abbr title="Milliseconds from second 0 to the first byte sent; below 0 is too early" className="no-underline">
            Offset
          </abbr>
        </StackingHeadCell>
        <StackingHeadCell>{withRun ? "Run, leg" : "Leg"}</StackingHeadCell>
        <StackingHeadCell>Order, account</StackingHeadCell>
        <StackingHeadCell number>Lots, filled</StackingHeadCell>
        <StackingHeadCell number>Limit → average, ₹</StackingHeadCell>
        <StackingHeadCell>Status</StackingHeadCell>
      </StackingHead>
      {orders.map((order) => (
        <Row
          key={order.intent_id}
          order={order}
          run={withRun ? (names.runs.get(order.run_id) ?? order.run_id) : null}
          account={names.accounts.get(order.account_id) ?? order.account_id}
          reason={withNames(reasonOfOrder(order), names)}
        />
      ))}
    </StackingTable>
  );
}

type Shown = { order: Order; run: string | null; account: string; reason: string };

/** Rendered again only when its order changed: the cache keeps what an answer repeats. In a card the first line is
 * when it was due, its offset and its status. */
const Row = memo(function Row({ order, run, account, reason }: Shown) {
  const leg = `leg ${order.leg}, ${order.phase}`;
  return (
    <StackingRow>
      <StackingCell className="whitespace-nowrap" title={order.sent_at ? `Sent ${istTime(order.sent_at, "milliseconds")} IST` : "Not sent"}>
        {istTime(order.intended_at)}
        <Second>{order.attempt > 1 && `attempt ${order.attempt}`}</Second>
      </StackingCell>
      <StackingCell number>
        <Offset order={order} />
      </StackingCell>
      <StackingCell className="@max-4xl:order-1 @max-4xl:flex @max-4xl:basis-full @max-4xl:items-baseline">
        {run !== null && (
          <span className="truncate @max-4xl:mr-2 @4xl:block" title={run}>
            {run}
          </span>
        )}
        <span className={run === null ? "whitespace-nowrap" : "text-xs whitespace-nowrap text-muted-foreground @4xl:block"}>{leg}</span>
      </StackingCell>
      <StackingCell className="@max-4xl:order-1 @max-4xl:basis-full @4xl:max-w-72">
        <span className="block @4xl:whitespace-nowrap">
          <span className="font-medium">{order.side}</span> {order.contract}
        </span>
        <span className="block truncate text-xs text-muted-foreground" title={account}>
          {account}
        </span>
      </StackingCell>
      <StackingCell number className="@max-4xl:order-2">
        {order.lots === 1 ? "1 lot" : `${integer(order.lots)} lots`}
        <Second>
          {integer(order.filled_quantity)} / {integer(order.quantity)}
        </Second>
      </StackingCell>
      <StackingCell number className="@max-4xl:order-2 @max-4xl:ml-auto @max-4xl:text-right">
        <Prices order={order} />
      </StackingCell>
      {/* Its parts are laid out by the row: the reason has a line of its own below the other columns. */}
      <StackingCell className="contents @4xl:p-0">
        <span className="@max-4xl:ml-auto @4xl:row-cell">
          <StatusBadge of="order" status={order.status} />
        </span>
        {(reason || order.advice) && (
          <span className="min-w-0 wrap-break-word @max-4xl:order-3 @max-4xl:basis-full @4xl:col-start-3 @4xl:-col-end-1 @4xl:px-3 @4xl:pb-2">
            {reason && <span className="block">{reason}</span>}
            {order.advice && <span className="block font-medium">{order.advice}</span>}
          </span>
        )}
      </StackingCell>
    </StackingRow>
  );
});

function Second({ children }: { children: ReactNode }) {
  return children ? <span className="block text-xs text-muted-foreground">{children}</span> : null;
}

const NEVER_SENT: readonly Order["status"][] = ["missed", "withheld"];

/** How far from second 0 it left, and how long its answer took. What mends or closes a run has no second 0: it leaves at once. */
function Offset({ order: { offset_ms, at_once, sent_at, acknowledged_at, status } }: { order: Order }) {
  const answered = millisecondsBetween(sent_at, acknowledged_at);
  if (NEVER_SENT.includes(status) && sent_at === null) return <span className="text-muted-foreground">not sent</span>;
  return (
    <>
      {offset_ms !== null ? <span className="font-semibold">{offsetText(offset_ms)} ms</span> : <span className="text-muted-foreground">{at_once ? "at once" : "–"}</span>}
      {answered !== null && <Second>answer in {offsetText(answered).replace("+", "")} ms</Second>}
    </>
  );
}

/** What it asked for and what it got; below it what that cost against the quote. */
function Prices({ order: { limit_price, average_price, quoted, slippage, chased } }: { order: Order }) {
  return (
    <>
      <span className="text-muted-foreground">{limit_price === null ? "–" : price(limit_price)} → </span>
      <span className="font-medium">{average_price === null ? "–" : price(average_price)}</span>
      {chased > 0 && <Second>limit moved {chased === 1 ? "once" : `${integer(chased)} times`}</Second>}
      {slippage !== null && (
        <span className="block text-xs text-muted-foreground" title={quoted ? quoteWords(quoted) : ""}>
          slippage {money(slippage, { sign: "always" })}
        </span>
      )}
    </>
  );
}

function quoteWords({ bid, ask, last, at }: NonNullable<Order["quoted"]>): string {
  const side = (amount: string | null) => (amount === null ? "nobody" : price(amount));
  return `What its fills cost against the quote; below 0 they were better. Priced from bid ${side(bid)}, ask ${side(ask)}, last ${price(last)}, told at ${istTime(at, "milliseconds")} IST`;
}
