import type { ReactNode } from "react";

import { StatusBadge } from "@/components/StatusBadge";
import { StackingCell, StackingHead, StackingHeadCell, StackingRow, StackingTable } from "@/components/ui/stacking-table";
import type { Names } from "@/features/today/scopes";
import { integer, price } from "@/lib/format";
import { istTime } from "@/lib/moments";

import type { Order } from "./shapes";
import { Slippage } from "./Slippage";
import { milliseconds } from "./words";

const COLUMNS = "@4xl:grid-cols-[minmax(9rem,1.2fr)_auto_auto_auto_auto_auto_auto]";

/** The orders of a run with the quote that each was priced from, and what its fills cost against it. */
export function DayOrders({ label, orders, names }: { label: string; orders: readonly Order[]; names: Names }) {
  return (
    <StackingTable label={label} columns={COLUMNS}>
      <StackingHead>
        <StackingHeadCell>Order, account</StackingHeadCell>
        <StackingHeadCell number>Sent at offset</StackingHeadCell>
        <StackingHeadCell number>Lots, filled</StackingHeadCell>
        <StackingHeadCell number>Quote before, ₹</StackingHeadCell>
        <StackingHeadCell number>Limit → average, ₹</StackingHeadCell>
        <StackingHeadCell number>Slippage</StackingHeadCell>
        <StackingHeadCell>Status</StackingHeadCell>
      </StackingHead>
      {orders.map((order) => (
        <Row key={order.intent_id} order={order} account={names.accounts.get(order.account_id) ?? order.account_id} />
      ))}
    </StackingTable>
  );
}

function Row({ order, account }: { order: Order; account: string }) {
  const { side, contract, leg, phase, attempt, lots, filled_quantity, quantity, limit_price, average_price, slippage, status } = order;
  return (
    <StackingRow>
      <StackingCell className="@max-4xl:basis-full">
        <span className="font-medium">{side}</span> {contract}
        <Second>
          leg {leg}, {phase}
          {attempt > 1 && `, attempt ${attempt}`}; {account}
        </Second>
      </StackingCell>
      <StackingCell number>{order.sent_at === null ? <span className="text-muted-foreground">not sent</span> : order.at_once ? <At at={order.sent_at} /> : milliseconds(order.offset_ms)}</StackingCell>
      <StackingCell number>
        {lots === 1 ? "1 lot" : `${integer(lots)} lots`}
        <Second>
          {integer(filled_quantity)} / {integer(quantity)}
        </Second>
      </StackingCell>
      <StackingCell number>
        <Quote quoted={order.quoted} />
      </StackingCell>
      <StackingCell number>
        <span className="text-muted-foreground">{limit_price === null ? "–" : price(limit_price)} → </span>
        {average_price === null ? "–" : price(average_price)}
      </StackingCell>
      <StackingCell number>
        <Means>slippage</Means>
        <Slippage value={slippage} />
      </StackingCell>
      <StackingCell className="@max-4xl:ml-auto">
        <StatusBadge of="order" status={status} />
      </StackingCell>
    </StackingRow>
  );
}

/** What stood at the broker when the order was priced. */
function Quote({ quoted }: { quoted: Order["quoted"] }) {
  if (quoted === null) {
    return (
      <span className="text-muted-foreground" title="No quote was written down">
        –
      </span>
    );
  }
  const { bid, ask, last, at } = quoted;
  return (
    <span title={`Told by the broker at ${istTime(at, "milliseconds")} IST`}>
      <Means>quote</Means>
      {bid === null ? "no bid" : price(bid)} – {ask === null ? "no ask" : price(ask)}
      <Second>last {price(last)}</Second>
    </span>
  );
}

function At({ at }: { at: string }) {
  return (
    <>
      {istTime(at, "milliseconds")}
      <Second>at once</Second>
    </>
  );
}

/** Where there are no columns. */
function Means({ children }: { children: ReactNode }) {
  return <span className="mr-1.5 text-xs text-muted-foreground @4xl:hidden">{children}</span>;
}

function Second({ children }: { children: ReactNode }) {
  return <span className="block text-xs text-muted-foreground">{children}</span>;
}
