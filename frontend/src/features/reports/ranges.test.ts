import { describe, expect, it } from "vitest";

import { addDays, isDate, MOST_DAYS, PRESETS, problemsOf, rangeOf } from "./ranges";
import { scaleOf } from "./scales";
import { weeksOf } from "./weeks";

const TODAY = "2026-11-25"; // a Wednesday
const preset = (key: string, today = TODAY) => PRESETS.find((one) => one.key === key)?.range(today);

describe("ranges", () => {
  it("of a week begin on Monday, also on a Sunday", () => {
    expect(preset("week")).toEqual({ from: "2026-11-23", to: TODAY });
    expect(preset("week", "2026-11-29")).toEqual({ from: "2026-11-23", to: "2026-11-29" });
  });

  it("of a month begin on its first, and 30 days are 30 with today", () => {
    expect(preset("month")).toEqual({ from: "2026-11-01", to: TODAY });
    expect(preset("30-days")).toEqual({ from: "2026-10-27", to: TODAY });
  });

  it("that are offered can all be told", () => {
    for (const { range } of PRESETS) expect(problemsOf(range(TODAY), TODAY)).toEqual({});
  });

  it("of an address are taken when both days are days", () => {
    expect(rangeOf({ from: "2026-11-01", to: "2026-11-02" })).toEqual({ from: "2026-11-01", to: "2026-11-02" });
    expect(rangeOf({ from: "2026-11-01" })).toBeNull();
    expect(rangeOf({ from: "2026-02-30", to: "2026-11-02" })).toBeNull();
  });

  it.each([
    [{ from: "", to: TODAY }, "from"],
    [{ from: TODAY, to: "" }, "to"],
    [{ from: TODAY, to: "2026-11-26" }, "to"],
    [{ from: TODAY, to: "2026-11-24" }, "from"],
    [{ from: addDays(TODAY, -MOST_DAYS), to: TODAY }, "from"],
  ])("such as %j are refused at the field that is wrong", (range, field) => {
    expect(Object.keys(problemsOf(range, TODAY))).toEqual([field]);
  });

  it("know leap years and the ends of months", () => {
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect([isDate("2028-02-29"), isDate("2026-02-29"), isDate("2026-1-1")]).toEqual([true, false, false]);
  });
});

describe("weeks", () => {
  const datesOf = (range: { from: string; to: string }, traded: string[] = []) => weeksOf(range, traded).weeks.flatMap(({ days }) => days.filter((date) => date !== null));

  it("hold each weekday of the range once, at its weekday, and no other day", () => {
    const { weekdays, weeks } = weeksOf({ from: "2026-10-28", to: TODAY }, []);
    expect(weekdays).toEqual(["Mon", "Tue", "Wed", "Thu", "Fri"]);
    expect(weeks[0]).toEqual({ monday: "2026-10-26", days: [null, null, "2026-10-28", "2026-10-29", "2026-10-30"] });
    expect(weeks.at(-1)).toEqual({ monday: "2026-11-23", days: ["2026-11-23", "2026-11-24", TODAY, null, null] });
    expect(datesOf({ from: "2026-10-28", to: TODAY })).toHaveLength(21);
  });

  it("have weekends where something was traded on one, also as the only day of a week", () => {
    const range = { from: "2026-11-08", to: "2026-11-13" };
    expect(datesOf(range)[0]).toBe("2026-11-09");
    const { weekdays, weeks } = weeksOf(range, ["2026-11-08"]);
    expect(weekdays).toHaveLength(7);
    expect(weeks[0]).toEqual({ monday: "2026-11-02", days: [null, null, null, null, null, null, "2026-11-08"] });
  });

  it("leave no day of any range out that has something", () => {
    for (let length = 1; length <= MOST_DAYS; length += 7) {
      const from = addDays(TODAY, 1 - length);
      const all = Array.from({ length }, (_, day) => addDays(from, day));
      expect(datesOf({ from, to: TODAY }, ["2026-11-08"])).toEqual(all);
    }
  });
});

describe("a scale", () => {
  it("holds all amounts and zero, the highest above", () => {
    const scale = scaleOf(["-50", "150.25", "1E+2"], 0, 100);
    expect([scale.lowest, scale.highest]).toEqual(["-50", "150.25"]);
    expect([scale.at("150.25"), scale.at("-50")]).toEqual([0, 100]);
    expect(scale.at("0")).toBeGreaterThan(scale.at("1E+2"));
  });

  it("of nothing but zero is a line in the middle", () => expect(scaleOf(["0", "0.00"], 0, 100).at("0")).toBe(50));
});
