import { memo } from "react";

import { Money } from "@/components/Money";
import { Badge } from "@/components/ui/badge";
import { StackingCell, StackingHead, StackingHeadCell, StackingRow, StackingTable } from "@/components/ui/stacking-table";
import { useSecond } from "@/lib/clock";
import { cn } from "@/lib/cn";
import { integer, price } from "@/lib/format";
import { ago, istTime, millisecondsOf } from "@/lib/moments";

import { Amount } from "./Profit";
import type { Names } from "./scopes";
import type { Position } from "./shapes";

type Props = { positions: readonly Position[]; names: Names };
const MARK_IS_OLD_MS = 150_000;

/** What is held now, over all runs. */
export const OpenPositions = memo(function OpenPositions({ positions, names }: Props) {
  const open = positions.filter(({ net }) => net !== 0);
  return (
    <section className="space-y-3" aria-labelledby="open-positions">
      <h2 id="open-positions" className="text-lg font-semibold">
        Open positions
      </h2>
      {open.length === 0 ? <p className="text-muted-foreground">Nothing of today is open.</p> : <PositionTable label="Positions that are open" positions={open} names={names} withRun />}
    </section>
  );
});

const COLUMNS = "@4xl:grid-cols-[minmax(12rem,1.3fr)_minmax(6rem,1fr)_auto_auto_auto_auto]";
const COLUMNS_OF_RUN = "@4xl:grid-cols-[minmax(12rem,1fr)_auto_auto_auto_auto_auto_auto]";

/** Within a run also what was paid and received: there its closed legs are too. */
export function PositionTable({ label, positions, names, withRun = false }: Props & { label: string; withRun?: boolean }) {
  return (
    <StackingTable label={label} columns={withRun ? COLUMNS : COLUMNS_OF_RUN}>
      <StackingHead>
        <StackingHeadCell>Contract, account</StackingHeadCell>
        {withRun && <StackingHeadCell>Run, leg</StackingHeadCell>}
        <StackingHeadCell number>Net</StackingHeadCell>
        <StackingHeadCell number>Average, ₹</StackingHeadCell>
        <StackingHeadCell number>Last, ₹</StackingHeadCell>
        <StackingHeadCell number>Profit</StackingHeadCell>
        {!withRun && <StackingHeadCell number>Paid</StackingHeadCell>}
        {!withRun && <StackingHeadCell number>Received</StackingHeadCell>}
      </StackingHead>
      {positions.map((position) => (
        <Row
          key={`${position.run_id} ${position.leg} ${position.account_id} ${position.contract}`}
          position={position}
          account={names.accounts.get(position.account_id) ?? position.account_id}
          run={withRun ? (names.runs.get(position.run_id) ?? position.run_id) : null}
        />
      ))}
    </StackingTable>
  );
}

const Row = memo(function Row({ position, account, run }: { position: Position; account: string; run: string | null }) {
  const { contract, leg, net, average, last, marked_at, profit, paid, received } = position;
  return (
    <StackingRow>
      <StackingCell className="@max-4xl:flex-1 @max-4xl:basis-40">
        <span className="block font-medium">{contract}</span>
        <span className="block truncate text-xs text-muted-foreground" title={account}>
          {account}
          {run === null && `, leg ${leg}`}
        </span>
      </StackingCell>
      {run !== null && (
        <StackingCell className="@max-4xl:order-1 @max-4xl:flex @max-4xl:basis-full @max-4xl:items-baseline">
          <span className="truncate @max-4xl:mr-2 @4xl:block" title={run}>
            {run}
          </span>
          <span className="text-xs whitespace-nowrap text-muted-foreground @4xl:block">leg {leg}</span>
        </StackingCell>
      )}
      <StackingCell number className="@max-4xl:order-1">
        <Net net={net} />
      </StackingCell>
      <StackingCell number className="@max-4xl:order-1">
        <Named name="average" />
        {average === null ? "–" : price(average)}
      </StackingCell>
      <StackingCell number className="@max-4xl:order-1">
        <Named name="last" />
        <Last last={last} at={marked_at} />
      </StackingCell>
      <StackingCell number className="@max-4xl:text-right">
        <Amount value={profit} />
      </StackingCell>
      {run === null && (
        <StackingCell number className="@max-4xl:order-1">
          <Named name="paid" />
          {paid === null ? "–" : <Money value={paid} />}
        </StackingCell>
      )}
      {run === null && (
        <StackingCell number className="@max-4xl:order-1">
          <Named name="received" />
          {received === null ? "–" : <Money value={received} />}
        </StackingCell>
      )}
    </StackingRow>
  );
});

/** The name of a column, in a card; between columns the head has it. */
function Named({ name }: { name: string }) {
  return (
    <span className="text-xs text-muted-foreground @4xl:hidden" aria-hidden>
      {name}{" "}
    </span>
  );
}

/** Of what is open: the price of the last mark, and how old it is. */
function Last({ last, at }: { last: string | null; at: string | null }) {
  if (last === null) return <>–</>;
  return (
    <>
      {price(last)}
      {at !== null && <Marked at={at} />}
    </>
  );
}

function Marked({ at }: { at: string }) {
  const now = useSecond();
  const old = now - millisecondsOf(at) > MARK_IS_OLD_MS;
  return (
    <span className={cn("text-xs @max-4xl:ml-1.5 @4xl:block", old ? "font-medium text-warning" : "text-muted-foreground")} title={`Marked ${istTime(at)} IST`}>
      {ago(at, now)}
      {old && <span className="sr-only">, which is old</span>}
    </span>
  );
}

function Net({ net }: { net: number }) {
  if (net === 0) return <span>0</span>;
  return (
    <span className="inline-flex items-baseline gap-2">
      <Badge>{net > 0 ? "long" : "short"}</Badge>
      <span className="font-medium">{integer(net, "always")}</span>
    </span>
  );
}
