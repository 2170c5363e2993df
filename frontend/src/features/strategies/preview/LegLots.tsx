import { HeadCell, Table, TableBody, TableCell, TableHead, TableRow } from "@/components/ui/table";
import { integer } from "@/lib/format";

import type { Preview } from "../model";

/** The lots of each leg in each account, and what they were before rounding. */
export function LegLots({ lots, nameOf }: { lots: Preview["lots"]; nameOf: (account_id: string) => string }) {
  const accounts = [...new Set(lots.flatMap((leg) => leg.accounts.map(({ account_id }) => account_id)))];
  if (accounts.length === 0) return null;
  return (
    <section className="space-y-1.5">
      <h3 className="font-semibold">Lots</h3>
      <Table label="Lots of each leg in each account">
        <TableHead>
          <tr>
            <HeadCell>Leg</HeadCell>
            {accounts.map((account_id) => (
              <HeadCell key={account_id} number>
                {nameOf(account_id)}
              </HeadCell>
            ))}
            <HeadCell number>All</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {lots.map((leg) => (
            <TableRow key={leg.leg}>
              <HeadCell scope="row">{leg.leg}</HeadCell>
              {accounts.map((account_id) => {
                const share = leg.accounts.find((one) => one.account_id === account_id);
                return (
                  <TableCell key={account_id} number>
                    {share ? <Lots whole={share.lots} exact={share.exact_lots} /> : "–"}
                  </TableCell>
                );
              })}
              <TableCell number>
                <Lots whole={leg.lots} exact={leg.exact_lots} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </section>
  );
}

function Lots({ whole, exact }: { whole: number; exact: string }) {
  return (
    <>
      {integer(whole)}
      {exact !== String(whole) && <span className="block text-xs text-muted-foreground">of {exact}</span>}
    </>
  );
}
