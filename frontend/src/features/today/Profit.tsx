import { memo, type ReactNode } from "react";

import { Age } from "@/components/Age";
import { Delta, Money } from "@/components/Money";
import { integer } from "@/lib/format";

import type { Day, Limits } from "./shapes";

type Use = Limits["today"]["money"];
type Most = Limits["definition"]["user"];
/** A mark comes each minute; one that is older than this was lost. */
const MARK_IS_OLD_S = 150;

type Shown = { money: Day["money"]; paper: Day["paper"]; markedAt: string | null; /** Whether something is open. */ open: boolean; limits: Limits | undefined };

/** What the day has made so far, in accounts with money and on paper apart, and what it used. */
export const Profit = memo(function Profit({ money, paper, markedAt, open, limits }: Shown) {
  const use = limits?.today.money;
  const most = limits?.definition.user;
  return (
    <section aria-label="Profit of today" className="flex w-full min-w-0 flex-wrap items-start gap-x-6 gap-y-4 @3xl:w-auto @3xl:flex-1">
      <dl className="contents">
        <div className="space-y-0.5">
          <dt className="text-xs text-muted-foreground">Profit of today, before charges</dt>
          <dd>
            <Amount value={money.profit} className="text-3xl leading-tight font-bold [&_svg]:size-6" />
            <span className="block">
              <Marked at={markedAt} open={open} realised={money.realised} />
            </span>
          </dd>
        </div>
        <Fact name="Realised">
          <Amount value={money.realised} />
        </Fact>
        {paper && (
          <Fact name="On paper, apart">
            <Amount value={paper.profit} />
            <span className="block text-xs font-normal text-muted-foreground">
              realised {paper.realised === null ? "not known" : <Money value={paper.realised} />}
            </span>
          </Fact>
        )}
        {use && most && <Used use={use} most={most} />}
      </dl>
    </section>
  );
});

function Used({ use, most }: { use: Use; most: Most }) {
  return (
    <>
      <Fact name="Lots entered">{of(use.lots, most.max_lots_per_day)}</Fact>
      <Fact name="Orders">{of(use.orders, most.max_orders_per_day)}</Fact>
      {most.max_loss_per_day != null && (
        <Fact name="Most loss a day">
          <Money value={most.max_loss_per_day} />
        </Fact>
      )}
    </>
  );
}

/** A profit that may not be known: then it says so, and shows no number. */
export function Amount({ value, className }: { value: string | null; className?: string }) {
  if (value === null) return <span className="font-medium text-warning">not known</span>;
  return <Delta value={value} className={className ?? ""} />;
}

function Marked({ at, open, realised }: { at: string | null; open: boolean; realised: string | null }) {
  if (realised === null) return <span className="text-xs text-warning">a fill came without its price</span>;
  if (!open) return <span className="text-xs text-muted-foreground">nothing is open: all of it is realised</span>;
  if (at === null) return <span className="text-xs text-muted-foreground">what is open has no mark yet: the first comes within a minute</span>;
  return <Age at={at} staleAfter={MARK_IS_OLD_S} words="marked" />;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="space-y-0.5">
      <dt className="text-xs text-muted-foreground">{name}</dt>
      <dd className="text-lg font-medium tabular-nums">{children}</dd>
    </div>
  );
}

function of(used: number, most: number | null | undefined): string {
  return most == null ? integer(used) : `${integer(used)} of ${integer(most)}`;
}
