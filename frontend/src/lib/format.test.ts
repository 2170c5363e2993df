import { describe, expect, it } from "vitest";

import { direction, integer, money, percent, price } from "./format";

describe("money", () => {
  it.each([
    ["0", "₹0.00"],
    ["999", "₹999.00"],
    ["1000", "₹1,000.00"],
    ["1234567.5", "₹12,34,567.50"],
    ["-1234567.5", "−₹12,34,567.50"],
    ["123456789.05", "₹12,34,56,789.05"],
    ["0007", "₹7.00"],
    ["1E+5", "₹1,00,000.00"],
    ["1.5e-2", "₹0.02"],
    ["0E-8", "₹0.00"],
  ])("groups %s in lakhs and crores", (written, shown) => expect(money(written)).toBe(shown));

  it("keeps every digit that a float would lose", () =>
    expect(money("12345678901234567890.13")).toBe("₹1,23,45,67,89,01,23,45,67,890.13"));

  it.each([
    ["1.005", "₹1.01"],
    ["-1.005", "−₹1.01"],
    ["9.995", "₹10.00"],
    ["99999.999", "₹1,00,000.00"],
    ["1.0049", "₹1.00"],
  ])("rounds %s half away from zero, by its digits", (written, shown) => expect(money(written)).toBe(shown));

  it("has no sign for what rounds to nothing", () => {
    expect(money("-0.00")).toBe("₹0.00");
    expect(money("-0.001", { sign: "always" })).toBe("₹0.00");
    expect(direction("-0.001")).toBe(0);
  });

  it("writes a plus before gains where changes are told", () => {
    expect(money("250.5", { sign: "always" })).toBe("+₹250.50");
    expect(money("-250.5", { sign: "always" })).toBe("−₹250.50");
  });

  it.each(["", "NaN", "1,000", "12abc", "--1", "."])("shows %j as it came, since it is no number", (text) => expect(money(text)).toBe(text));
});

describe("the rest", () => {
  it("writes prices without a sign of the rupee", () => expect(price("25912.1")).toBe("25,912.10"));
  it("groups whole numbers", () => expect([integer(0), integer(1800), integer(-123456)]).toEqual(["0", "1,800", "−1,23,456"]));
  it("writes per cent", () => expect([percent("12.345"), percent("-0.5", { sign: "always", places: 1 })]).toEqual(["12.35 %", "−0.5 %"]));
  it("tells the direction", () => expect(["-1", "0.00", "0.01"].map((text) => direction(text))).toEqual([-1, 0, 1]));
});
