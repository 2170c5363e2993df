import { describe, expect, it } from "vitest";

import { csvOf, type CsvValue } from "./csv";

const file = (...values: CsvValue[]) => csvOf(values.map((_, at) => ({ name: `c${at}`, of: (row: readonly CsvValue[]) => row[at] })), [values]);
const line = (...values: CsvValue[]) => file(...values).split("\r\n").slice(1).join("\r\n");

describe("a file of a table", () => {
  it("has a line of names and a line for each row, ended as RFC 4180 says", () => {
    expect(file("a", 1)).toBe("c0,c1\r\na,1\r\n");
    expect(csvOf([{ name: "only", of: () => "x" }], [])).toBe("only\r\n");
  });

  it.each(["1300", "-1235.00", "+5", "0.05", "1E+3", "-12345678901234567890.123456789"])("leaves the number %s as it came", (number) => {
    expect(line(number)).toBe(`${number}\r\n`);
  });

  it("leaves what is not known empty, and tells nought as nought", () => expect(line(null, undefined, 0, "0")).toBe(",,0,0\r\n"));

  it.each([
    ["a,b", '"a,b"'],
    ['5" strike', '"5"" strike"'],
    ["two\nlines", '"two\nlines"'],
    ["two\r\nlines", '"two\r\nlines"'],
    [" blank before", '" blank before"'],
    ["सुबह", "सुबह"],
  ])("quotes %j where a comma, a quote, a line or a blank would be lost", (text, written) => {
    expect(line(text)).toBe(`${written}\r\n`);
  });

  it.each(["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "  =1+1", "＝1+1", "-", "=HYPERLINK(\"https://example.com\",\"x\")"])(
    "keeps a spreadsheet from running %j",
    (formula) => {
      const written = line(formula);
      expect(written).toMatch(/^"?'/);
      // Read back, it is the text behind an apostrophe and nothing else.
      const read = written.slice(0, -2).replace(/^"(.*)"$/s, "$1").replaceAll('""', '"');
      expect(read).toBe(`'${formula}`);
    },
  );

  it("guards the names of the columns too", () => expect(csvOf([{ name: "=x", of: () => 1 }], [])).toBe("'=x\r\n"));
});
