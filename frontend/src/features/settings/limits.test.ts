import { describe, expect, it } from "vitest";

import { definitionOf, differences, draftOf, NO_LIMITS, problemsOf, type Draft, type FieldName, type Limits } from "./limits";

const use = { lots: 0, orders: 0, realised: "0" };
const limits = (definition: Limits["definition"]): Limits => ({ version: 1, definition, today: { date: "2026-11-23", money: use, paper: use, accounts: {} } });
const draft = (user: Partial<Draft["user"]>, accounts: Draft["accounts"] = {}): Draft => ({ user: { ...NO_LIMITS, ...user }, accounts });

describe("limits that are typed", () => {
  it("begin as they are stored, and go back unchanged", () => {
    const stored = limits({ user: { max_lots_per_day: 40, max_loss_per_day: "5000.10" }, accounts: { kite: { price_sanity_percent: "12.5" } } });
    const typed = draftOf(stored);
    expect([typed.user.max_lots_per_day, typed.user.max_orders_per_day]).toEqual(["40", ""]);
    const sent = definitionOf(typed);
    expect(sent.user).toMatchObject({ max_lots_per_day: 40, max_loss_per_day: "5000.10", max_orders_per_day: null });
    expect(sent.accounts?.kite).toMatchObject({ price_sanity_percent: "12.5", max_lots_per_day: null });
  });

  it("keep amounts as the digits that were typed: no float is made of them", () => {
    expect(definitionOf(draft({ max_loss_per_day: " 999999999.99 " })).user.max_loss_per_day).toBe("999999999.99");
  });

  it.each<[FieldName, string]>([
    ["max_lots_per_order", "0"],
    ["max_lots_per_order", "1.5"],
    ["max_lots_per_order", "-1"],
    ["max_orders_per_day", "1e3"],
    ["max_loss_per_day", "0.00"],
    ["max_loss_per_day", "5,000"],
    ["max_loss_per_day", "1.234"],
    ["price_sanity_percent", "20 %"],
  ])("are refused at the field: %s as %s", (name, text) => {
    expect([...problemsOf(draft({ [name]: text })).keys()]).toEqual([`user.${name}`]);
    expect([...problemsOf(draft({}, { kite: { ...NO_LIMITS, [name]: text } })).keys()]).toEqual([`accounts.kite.${name}`]);
  });

  it("may all be empty", () => expect(problemsOf(draft({})).size).toBe(0));
});

describe("two versions of the limits", () => {
  it("are told field by field, as one reads them", () => {
    expect(differences(draft({ max_loss_per_day: "100000" }), draft({ max_lots_per_day: "1200" }))).toEqual([
      { place: "user", name: "max_lots_per_day", stored: "no limit", mine: "1,200" },
      { place: "user", name: "max_loss_per_day", stored: "₹1,00,000.00", mine: "no limit" },
    ]);
  });

  it("tell an account that only one of them has", () => {
    const withKite = draft({}, { kite: NO_LIMITS });
    expect(differences(withKite, draft({}))).toEqual([{ place: "accounts.kite", name: null, stored: "has limits", mine: "has none" }]);
    expect(differences(withKite, withKite)).toEqual([]);
  });
});
