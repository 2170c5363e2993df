import { HeadCell, Table, TableBody, TableCell, TableHead, TableRow } from "@/components/ui/table";
import { integer, percent, price } from "@/lib/format";
import { istDate } from "@/lib/moments";

import type { AtMarket } from "../model";

/** The contract that each leg means now, its price, and its quantity over all accounts. */
export function PreviewLegs({ market: { legs, contracts_for } }: { market: AtMarket }) {
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">Contracts for {istDate(`${contracts_for}T12:00+05:30`)}</h3>
      <Table label="Contracts and prices now">
        <TableHead>
          <tr>
            <HeadCell>Leg</HeadCell>
            <HeadCell number>Premium, bid / ask, ₹</HeadCell>
            <HeadCell number>Quantity</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {legs.map((leg) => (
            <TableRow key={leg.leg}>
              <TableCell>
                <span className="font-medium">
                  {leg.leg}. {leg.side === "BUY" ? "Buy" : "Sell"} {leg.contract}
                </span>
                <span className="block min-w-32 text-xs text-muted-foreground">{leg.reason}</span>
              </TableCell>
              <TableCell number>
                {leg.premium === null ? "no price" : price(leg.premium)}
                <span className="block text-xs text-muted-foreground">
                  {leg.bid === null ? "–" : price(leg.bid)} / {leg.ask === null ? "–" : price(leg.ask)}
                </span>
                {leg.implied_volatility !== null && <span className="block text-xs text-muted-foreground">IV {percent(perCent(leg.implied_volatility), { places: 1 })}</span>}
              </TableCell>
              <TableCell number>
                {integer(leg.quantity)}
                {leg.orders.some(({ slices }) => slices.length > 1) && (
                  <span className="block text-xs text-muted-foreground">{leg.orders.map(({ slices }) => slices.map((units) => integer(units)).join(" + ")).join("; ")}</span>
                )}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </section>
  );
}

/** A volatility is no amount: it comes as a number, 0.15 for 15 %. */
function perCent(volatility: number): string {
  return String(volatility * 100);
}
