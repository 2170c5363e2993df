/** What a cell of a file is made of: as it came from the API. */
export type CsvValue = string | number | boolean | null | undefined;

/** One column: its name in the file, and what it takes of a row. */
export type CsvColumn<Row> = { name: string; of: (row: Row) => CsvValue };

const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** A spreadsheet takes a text that begins so for a formula, also behind blanks and in full width. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/** A table as text (RFC 4180). Numbers are left as they came; what a spreadsheet would run begins with an apostrophe. */
export function csvOf<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ of }) => of(row)))];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

function cell(value: CsvValue): string {
  const text = String(value ?? "");
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
