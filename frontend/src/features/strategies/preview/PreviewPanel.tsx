import { RotateCw } from "lucide-react";

import { Age } from "@/components/Age";
import { Loading, Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { price } from "@/lib/format";

import type { Previewed } from "../builder/usePreview";
import type { AtMarket, Preview } from "../model";
import { ComingDays } from "./ComingDays";
import { Findings, Problems } from "./Findings";
import { LegLots } from "./LegLots";
import { MarginBox } from "./MarginBox";
import { PayoffBox } from "./PayoffBox";
import { PreviewLegs } from "./PreviewLegs";

type Props = {
  previewed: Previewed;
  nameOf: (account_id: string) => string;
  /** Nothing was typed yet: what is missing is nobody's mistake. */
  untouched: boolean;
};

/** What the definition would do now: findings, payoff, margin, contracts, lots and the next runs. */
export function PreviewPanel({ previewed, nameOf, untouched }: Props) {
  const { preview, current, error, busy, ask } = previewed;
  return (
    <Card id="preview" tabIndex={-1} aria-label="Preview" aria-busy={busy} className="min-w-0 scroll-mt-20 xl:sticky xl:top-20 xl:max-h-[calc(100dvh-10.5rem)] xl:overflow-y-auto">
      <CardHeader className="flex-nowrap">
        <div className="min-w-0 space-y-0.5">
          <CardTitle>What it would do</CardTitle>
          <Source market={preview?.at_market ?? null} nameOf={nameOf} />
        </div>
        <Button variant="secondary" size="small" busy={busy} onClick={ask}>
          {!busy && <RotateCw aria-hidden />}
          Refresh
        </Button>
      </CardHeader>
      <CardContent className="space-y-5">
        {error?.kind === "misfit" ? <Problems lines={error.problems} untouched={untouched} /> : error && <Problem error={error} />}
        {preview ? (
          <>
            {!current && (
              <p role="status" className="text-warning">
                {busy ? "Being asked for your last changes; below is what was before." : "Below is what was before your last changes."}
              </p>
            )}
            <Shown preview={preview} nameOf={nameOf} untouched={untouched} findings={error?.kind !== "misfit"} />
          </>
        ) : error ? null : (
          <Loading label="The preview is on its way">
            <div className="space-y-4">
              <Skeleton className="h-16" />
              <Skeleton className="h-40" />
            </div>
          </Loading>
        )}
      </CardContent>
    </Card>
  );
}

function Source({ market, nameOf }: { market: AtMarket | null; nameOf: (account_id: string) => string }) {
  if (!market) return null;
  return (
    <p className="text-xs text-muted-foreground">
      Spot {price(market.spot)}, quotes of {nameOf(market.quoted_by)}, <Age at={market.as_of} staleAfter={60} />
    </p>
  );
}

function Shown({ preview, nameOf, untouched, findings }: { preview: Preview; nameOf: (account_id: string) => string; untouched: boolean; /** Whether those of before still say something. */ findings: boolean }) {
  const { at_market: market } = preview;
  return (
    <>
      {findings && <Findings preview={preview} untouched={untouched} />}
      {market?.payoff && <PayoffBox payoff={market.payoff} spot={market.spot} />}
      {market?.margin && <MarginBox margin={market.margin} />}
      {market && <PreviewLegs market={market} />}
      <LegLots lots={preview.lots} nameOf={nameOf} />
      <ComingDays days={preview.coming} market={market} />
    </>
  );
}
