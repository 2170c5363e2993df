import { Link } from "@tanstack/react-router";

import { Badge } from "@/components/ui/badge";
import { integer } from "@/lib/format";
import { istDate } from "@/lib/moments";

import { Amount } from "./Amount";
import type { Column } from "./ResultTable";
import type { Book, ReportDay } from "./shapes";
import { Slippage } from "./Slippage";
import { runsInWords } from "./words";

type Strategy = Book["strategies"][number];
type Leg = Book["legs"][number];
type Account = Book["accounts"][number];
type Tally = Pick<Strategy, "orders" | "filled" | "refused" | "unpriced" | "realised" | "priced" | "slippage">;

const ORDERS: readonly Column<Tally>[] = [
  { head: "Orders sent", number: true, cell: ({ orders }) => integer(orders), csv: [{ name: "orders", of: ({ orders }) => orders }] },
  { head: "Filled", number: true, cell: ({ filled }) => integer(filled), csv: [{ name: "filled", of: ({ filled }) => filled }] },
  { head: "Refused", number: true, cell: ({ refused }) => integer(refused), csv: [{ name: "refused", of: ({ refused }) => refused }] },
];

const PROFIT: Column<Tally> = {
  head: "Profit before charges",
  number: true,
  cell: ({ realised }) => <Amount value={realised} />,
  csv: [
    { name: "realised", of: ({ realised }) => realised },
    { name: "unpriced", of: ({ unpriced }) => unpriced },
  ],
};

const SLIPPAGE: Column<Tally> = {
  head: "Slippage",
  number: true,
  cell: ({ slippage }) => <Slippage value={slippage} />,
  csv: [
    { name: "slippage", of: ({ slippage }) => slippage },
    { name: "priced", of: ({ priced }) => priced },
  ],
};

export const DAY_COLUMNS: readonly Column<ReportDay>[] = [
  {
    head: "Day (IST)",
    cell: ({ date }) => (
      <Link to="/reports/$date" params={{ date }} className="whitespace-nowrap text-primary-text underline underline-offset-2 hover:no-underline">
        {istDate(`${date}T00:00:00+05:30`)}
      </Link>
    ),
    csv: [{ name: "date", of: ({ date }) => date }],
  },
  { head: "Runs", cell: ({ runs }) => runsInWords(runs), csv: [{ name: "runs", of: ({ runs }) => runsInWords(runs) }] },
  ...ORDERS,
  PROFIT,
  SLIPPAGE,
  { head: "Equity", number: true, cell: ({ equity }) => <Amount value={equity} />, csv: [{ name: "equity", of: ({ equity }) => equity }] },
];

const STRATEGY: Column<Pick<Strategy, "strategy_id" | "name">> = {
  head: "Strategy",
  cell: ({ name }) => name,
  csv: [
    { name: "strategy_id", of: ({ strategy_id }) => strategy_id },
    { name: "strategy", of: ({ name }) => name },
  ],
};

export const STRATEGY_COLUMNS: readonly Column<Strategy>[] = [
  STRATEGY,
  { head: "Runs", number: true, cell: ({ runs }) => integer(runs), csv: [{ name: "runs", of: ({ runs }) => runs }] },
  ...ORDERS,
  PROFIT,
  SLIPPAGE,
];

export const LEG_COLUMNS: readonly Column<Leg>[] = [
  STRATEGY,
  { head: "Leg", number: true, cell: ({ leg }) => integer(leg), csv: [{ name: "leg", of: ({ leg }) => leg }] },
  ...ORDERS,
  PROFIT,
  SLIPPAGE,
];

export const ACCOUNT_COLUMNS: readonly Column<Account>[] = [
  {
    head: "Account",
    cell: ({ label, account_id }) =>
      label ?? (
        <>
          <code className="font-mono text-xs">{account_id}</code> <Badge>not linked any more</Badge>
        </>
      ),
    csv: [
      { name: "account_id", of: ({ account_id }) => account_id },
      { name: "account", of: ({ label }) => label },
    ],
  },
  { head: "Broker", cell: ({ broker }) => broker ?? "–", csv: [{ name: "broker", of: ({ broker }) => broker }] },
  ...ORDERS,
  PROFIT,
  SLIPPAGE,
];
