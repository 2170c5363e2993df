import { Download } from "lucide-react";

import { Button } from "@/components/ui/button";
import { download } from "@/lib/download";

import { csvOf, type CsvColumn } from "./csv";

type Props<Row> = { label: string; filename: string; columns: readonly CsvColumn<Row>[]; rows: readonly Row[] };

/** Without this mark at the begin a spreadsheet does not take a file for UTF-8. */
const MARK = "\uFEFF";

/** Lets the browser keep a table as a file. */
export function CsvButton<Row>({ label, filename, columns, rows }: Props<Row>) {
  return (
    <Button variant="secondary" size="small" disabled={rows.length === 0} onClick={() => download(filename, MARK + csvOf(columns, rows), "csv")}>
      <Download aria-hidden />
      {label}
    </Button>
  );
}
