import { describe, expect, it } from "vitest";

import { ago, istDate, istDay, istMoment, istTime, lasting } from "./moments";

describe("times are India's, wherever the browser is", () => {
  it("runs in another zone here", () => expect(new Date("2026-11-23T00:00:00Z").getTimezoneOffset()).not.toBe(-330));

  it("keeps milliseconds", () => {
    expect(istTime("2026-11-23T09:20:00.004+05:30", "milliseconds")).toBe("09:20:00.004");
    expect(istTime("2026-11-23T03:50:00.004321Z", "milliseconds")).toBe("09:20:00.004");
    expect(istTime("2026-11-23T09:20:00+05:30")).toBe("09:20:00");
    expect(istTime("2026-11-23T09:20:00+05:30", "minutes")).toBe("09:20");
  });

  it("turns the day at midnight in India", () => {
    expect(istDay("2026-11-23T18:29:59Z")).toBe("2026-11-23");
    expect(istDay("2026-11-23T18:30:00Z")).toBe("2026-11-24");
    expect(istDate("2026-11-23T18:30:00Z")).toBe("Tue 24 Nov 2026");
  });

  it("names the day of a moment from where we stand", () => {
    const now = Date.parse("2026-11-23T22:00:00+05:30");
    expect(istMoment("2026-11-23T23:59:00+05:30", now)).toBe("today 23:59 IST");
    expect(istMoment("2026-11-24T06:00:00+05:30", now)).toBe("tomorrow 06:00 IST");
    expect(istMoment("2026-11-22T06:00:00+05:30", now)).toBe("yesterday 06:00 IST");
    expect(istMoment("2026-11-26T06:00:00+05:30", now)).toBe("Thu 26 Nov 2026, 06:00 IST");
  });

  it("shows a dash for what is no instant", () => expect([istTime("soon"), istDate("")]).toEqual(["–", "–"]));
});

describe("ages", () => {
  it.each([
    [-5_000, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_600_000, "1 h"],
    [7_500_000, "2 h 5 min"],
    [4 * 86_400_000, "4 d"],
  ])("%d ms last %s", (milliseconds, words) => expect(lasting(milliseconds)).toBe(words));

  it("are told in the past, and never in the future", () => {
    expect(ago(10_000, 22_000)).toBe("12 s ago");
    expect(ago(10_000, 9_000)).toBe("now");
  });
});
