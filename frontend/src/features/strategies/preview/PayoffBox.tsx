import { Delta } from "@/components/Money";
import { Table, TableBody, TableCell, TableHead, TableRow, HeadCell } from "@/components/ui/table";
import { money, price } from "@/lib/format";

import type { AtMarket } from "../model";
import { PayoffChart } from "./PayoffChart";

type Payoff = NonNullable<AtMarket["payoff"]>;

/** What it earns at each level of the underlying, in words, as a curve and as a table. */
export function PayoffBox({ payoff, spot }: { payoff: Payoff; spot: string }) {
  const facts = [
    ["Highest profit", payoff.max_profit],
    ["Highest loss", payoff.max_loss],
    ["Net premium", payoff.net_premium],
  ] as const;
  return (
    <section className="space-y-2">
      <h3 className="font-semibold">Payoff</h3>
      <dl className="grid grid-cols-2 gap-x-5 gap-y-1">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-muted-foreground">{label}</dt>
            <dd>{value === null ? "unlimited" : <Delta value={value} />}</dd>
          </div>
        ))}
        <div>
          <dt className="text-xs text-muted-foreground">Breakeven</dt>
          <dd className="tabular-nums">{payoff.breakevens.length ? payoff.breakevens.map((level) => price(level)).join(", ") : "none"}</dd>
        </div>
      </dl>
      <PayoffChart payoff={payoff} spot={spot} />
      <details>
        <summary className="w-fit rounded text-xs font-medium text-muted-foreground">The curve as a table</summary>
        <div className="max-h-72 overflow-y-auto pt-2">
          <Table label="Payoff by the level of the underlying">
            <TableHead>
              <tr>
                <HeadCell number>Underlying</HeadCell>
                <HeadCell number>At the first expiry</HeadCell>
                <HeadCell number>Today</HeadCell>
              </tr>
            </TableHead>
            <TableBody>
              {payoff.points.map((point) => (
                <TableRow key={point.underlying}>
                  <HeadCell scope="row" number>
                    {price(point.underlying)}
                  </HeadCell>
                  <TableCell number>{money(point.at_expiry, { sign: "always" })}</TableCell>
                  <TableCell number>{point.today === null ? "–" : money(point.today, { sign: "always" })}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </div>
      </details>
    </section>
  );
}
