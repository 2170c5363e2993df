import { describe, expect, it } from "vitest";

import { AT_MARKET } from "../sample";
import { curveOf, nearest } from "./curve";

const payoff = AT_MARKET.at_market?.payoff;
if (!payoff) throw new Error("The sample has a payoff.");
const curve = curveOf(payoff, { width: 400, height: 220 });

describe("the curve of a payoff", () => {
  it("labels its ends with amounts as the API wrote them", () => expect([curve.highest, curve.lowest]).toEqual(["7500.50", "-12500.00"]));

  it("has every label below it from a point", () => {
    expect(curve.ticks.length).toBeGreaterThan(1);
    expect(payoff.points.map(({ underlying }) => underlying)).toEqual(expect.arrayContaining(curve.ticks));
  });

  it("leaves out where there is no value today", () => {
    expect(curve.atExpiry.split(" ")).toHaveLength(3);
    expect(curve.today.split(" ")).toHaveLength(2);
  });

  it("keeps zero within the picture, also where all is profit", () => {
    const all = curveOf({ ...payoff, points: payoff.points.map((point) => ({ ...point, at_expiry: "100", today: null })) }, { width: 400, height: 220 });
    expect(all.y("0")).toBeGreaterThan(all.y("100"));
    expect(all.y("0")).toBeLessThanOrEqual(220);
  });

  it("puts profit above loss, and higher levels to the right", () => {
    expect(curve.y("7500.50")).toBeLessThan(curve.y("-12500.00"));
    expect(curve.x("24000")).toBeLessThan(curve.x("25000"));
  });

  it("is read at the nearest level", () => expect(nearest(payoff.points, 24_600)).toBe(1));
});
