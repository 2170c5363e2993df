import type { ReactNode } from "react";

import { Money } from "@/components/Money";
import { cn } from "@/lib/cn";
import { integer } from "@/lib/format";

import { Amount } from "./Amount";
import type { Book } from "./shapes";
import { Slippage } from "./Slippage";
import { runsInWords } from "./words";

/** What all days of a book amount to. */
export function Summary({ total }: { total: Book["total"] }) {
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Fact name="Profit before charges">
        <Amount value={total.realised} className="text-lg" />
      </Fact>
      <Fact name="Days with profit, with loss">
        {integer(total.days_with_profit)}, {integer(total.days_with_loss)}
      </Fact>
      <Fact name="Deepest fall of the equity">{total.drawdown === null ? "not known" : <Money value={total.drawdown} />}</Fact>
      <Fact name="Slippage" told={total.slippage === null ? "no order was measured" : `of ${integer(total.priced)} orders; a plus costs`}>
        <Slippage value={total.slippage} />
      </Fact>
      <Fact name="Orders sent" wide told={`${integer(total.filled)} filled, ${integer(total.refused)} refused; runs: ${runsInWords(total.runs)}`}>
        {integer(total.orders)}
      </Fact>
    </dl>
  );
}

type FactProps = { name: string; told?: string; /** Not half a row where two are side by side. */ wide?: boolean; children: ReactNode };

function Fact({ name, told, wide = false, children }: FactProps) {
  return (
    <div className={cn("rounded-lg border bg-surface px-4 py-3", wide && "col-span-2 lg:col-span-1")}>
      <dt className="text-xs text-muted-foreground">{name}</dt>
      <dd className="mt-1 text-lg font-semibold">{children}</dd>
      {told && <dd className="mt-0.5 text-xs text-muted-foreground">{told}</dd>}
    </div>
  );
}
