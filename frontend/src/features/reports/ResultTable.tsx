import type { ReactNode } from "react";

import { HeadCell, Table, TableBody, TableCell, TableHead, TableRow } from "@/components/ui/table";

import { CsvButton } from "./CsvButton";
import type { CsvColumn } from "./csv";

/** One column: what the page shows of a row, and what goes into the file, as it came. */
export type Column<Row> = { head: string; number?: boolean; cell: (row: Row) => ReactNode; csv: readonly CsvColumn<Row>[] };

type Props<Row> = { label: string; filename: string; columns: readonly Column<Row>[]; rows: readonly Row[]; keyOf: (row: Row) => string };

/** A table of a report, which can be kept as a file. The first column names the row. */
export function ResultTable<Row>({ label, filename, columns, rows, keyOf }: Props<Row>) {
  return (
    <div className="space-y-2">
      <Table label={label}>
        <caption className="sr-only">{label}</caption>
        <TableHead>
          <tr>
            {columns.map(({ head, number = false }) => (
              <HeadCell key={head} number={number}>
                {head}
              </HeadCell>
            ))}
          </tr>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={keyOf(row)}>
              {columns.map(({ head, number = false, cell }, at) =>
                at === 0 ? (
                  <th key={head} scope="row" className="row-cell font-medium">
                    {cell(row)}
                  </th>
                ) : (
                  <TableCell key={head} number={number}>
                    {cell(row)}
                  </TableCell>
                ),
              )}
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <CsvButton label="Export as CSV" filename={filename} columns={columns.flatMap(({ csv }) => csv)} rows={rows} />
    </div>
  );
}
