import { describe, expect, it } from "vitest";

import { definitionOf, legOf } from "../model";
import { keptOfLeg, keptOfStrategy, withoutKept } from "./kept";

const LEG = legOf({ side: "SELL", right: "CE" });
const EMPTY = definitionOf({ name: "Any", legs: [LEG] });

describe("rules that are kept", () => {
  it("of a leg are told with what they say", () => {
    const kept = keptOfLeg({
      ...LEG,
      stop: { unit: "percent", value: "30", of: "premium" },
      target: { unit: "points", value: "120", of: "underlying" },
      trail: { unit: "points", every: "10", by: "5" },
      re_entry_on_stop: { how: "at_cost", count: 1 },
      wait_and_trade: { unit: "percent", value: "10", direction: "up" },
    });
    expect(kept).toEqual([
      "stop when its premium has moved 30 % against it",
      "target when the underlying has moved 120 points in its favour",
      "trail of the stop by 5 points for every 10 points",
      "re-entry after the stop, at its first price, up to 1 time",
      "wait until its premium is 10 % higher",
    ]);
  });

  it("of a strategy are told in rupees as they were written, and none of them is left when they are taken away", () => {
    const risky = { ...EMPTY, risk: { ...EMPTY.risk, stop: "5000", profit_lock: { reach: "4000", keep: "2500.5" } }, conditions: { ...EMPTY.conditions, vix: { low: "11", high: "16" } } };
    expect(keptOfStrategy(risky)).toEqual(["overall stop at a loss of ₹5,000.00", "profit lock of ₹2,500.50 once ₹4,000.00 is reached", "India VIX between 11 and 16"]);
    expect(keptOfStrategy({ ...risky, ...withoutKept(risky) })).toEqual([]);
  });

  it("are none where nothing is written", () => expect([keptOfLeg(LEG), keptOfStrategy(EMPTY)]).toEqual([[], []]));
});
