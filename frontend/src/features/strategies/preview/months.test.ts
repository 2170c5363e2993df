import { describe, expect, it } from "vitest";

import { AT_MARKET } from "../sample";
import { monthsOf, together, upTo, type ComingDay } from "./months";

const day = (date: string, runs = true, reason = ""): ComingDay => ({ date, runs, entry: null, exit: null, reason });

describe("months", () => {
  const [november, december] = monthsOf([day("2026-11-24"), day("2026-12-01")], AT_MARKET.at_market, "2026-11-23");

  it("go from today's to that of the last day that was told of, also over a new year", () => {
    expect([november?.name, december?.name]).toEqual(["November 2026", "December 2026"]);
    expect(monthsOf([day("2027-01-04")], null, "2026-12-31").map(({ name }) => name)).toEqual(["December 2026", "January 2027"]);
    expect(monthsOf([], null, "2026-11-23")).toHaveLength(1);
  });

  it("have weeks that begin with Monday, and as many days as the calendar", () => {
    // 1 November 2026 is a Sunday.
    expect(november?.weeks[0]?.map((cell) => cell?.number ?? null)).toEqual([null, null, null, null, null, null, 1]);
    expect(november?.weeks.flat().filter(Boolean)).toHaveLength(30);
    expect(december?.weeks[0]?.[1]?.date).toBe("2026-12-01");
  });

  it("know what was told of a day and which legs expire on it", () => {
    const cells = november?.weeks.flat() ?? [];
    expect(cells.find((cell) => cell?.date === "2026-11-24")).toMatchObject({ told: { runs: true }, expiring: [1, 2] });
    expect(cells.find((cell) => cell?.date === "2026-11-25")).toMatchObject({ told: null, expiring: [] });
  });
});

describe("coming days", () => {
  const weekend = [day("2026-11-28", false, "weekend"), day("2026-11-29", false, "weekend")];

  it("of one reason stand together, and runs apart", () => {
    const rows = [day("2026-11-26"), day("2026-11-27"), ...weekend, day("2026-11-30", false, "holiday")];
    expect(together(rows).map((group) => group.length)).toEqual([1, 1, 2, 1]);
  });

  it("end with the run that was asked for", () => {
    expect(upTo([day("2026-11-27"), ...weekend, day("2026-11-30"), day("2026-12-01")], 2).at(-1)?.date).toBe("2026-11-30");
  });
});
