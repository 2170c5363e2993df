import { ChevronDown } from "lucide-react";

import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { cn } from "@/lib/cn";
import { integer, money } from "@/lib/format";
import { istDate } from "@/lib/moments";

import type { AtMarket, Leg, Preview } from "../model";

/** What a preview said of a leg. */
export type NowOfLeg = {
  resolved: AtMarket["legs"][number] | null;
  lots: Preview["lots"][number] | null;
  /** Why there is no contract; null where that is not known, or there is one. */
  without: string | null;
  /** An answer is on its way. */
  waiting: boolean;
  /** Whether it is of the definition as it stands. */
  current: boolean;
  nameOf: (account_id: string) => string;
};

type Props = { now: NowOfLeg; leg: Leg; number: number; open: boolean; /** The id of what the button opens. */ controls: string; onToggle: () => void };

/** The contract that a leg means now, its premium, and the lots of each account. */
export function LegNow({ now: { resolved, lots, without, waiting, current, nameOf }, leg, number, open, controls, onToggle }: Props) {
  const own = leg.allocation.length > 0;
  const shares = lots?.accounts.filter((share) => share.lots > 0 || share.exact_lots !== "0") ?? [];
  return (
    <div className="flex min-w-0 flex-1 basis-48 flex-wrap items-center gap-x-2 text-xs">
      <div className={cn("w-full tabular-nums", !current && "text-muted-foreground italic")}>
        {resolved ? (
          <p title={`Expires ${istDate(`${resolved.expiry}T12:00+05:30`)}; ${resolved.reason}`}>
            <strong className="font-medium">{resolved.contract}</strong> {resolved.premium === null ? <span className="text-muted-foreground">no price</span> : <span className="whitespace-nowrap">{money(resolved.premium)}</span>}
          </p>
        ) : waiting ? (
          <Skeleton className="h-4 max-w-40" />
        ) : (
          <p className="text-muted-foreground" title={without ?? undefined}>
            {without ? "no contract, see the preview" : "not known yet"}
          </p>
        )}
      </div>
      {shares.length > 0 && (
        <p className={cn("text-muted-foreground tabular-nums", !current && "text-muted-foreground italic")}>
          {own ? "Its own lots" : "Lots"}: {shares.map(({ account_id, lots: count }) => `${nameOf(account_id)} ${integer(count)}`).join(", ")}
        </p>
      )}
      <Button variant="ghost" size="small" className="-ml-1.5 h-6 gap-1 px-1.5 text-xs text-primary-text" aria-label={`Own lots of leg ${number}`} aria-expanded={open} aria-controls={controls} onClick={onToggle}>
        Own lots
        <ChevronDown className={cn("transition-transform", open && "rotate-180")} aria-hidden />
      </Button>
    </div>
  );
}
