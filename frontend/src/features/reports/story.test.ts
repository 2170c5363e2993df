import { describe, expect, it } from "vitest";

import { orderOf } from "./example_orders";
import type { Order } from "./shapes";
import { chaptersOf, contractNames, isPrecise } from "./story";

const T = "2026-11-16T09:20:00";
const told = (orders: readonly Order[]) =>
  chaptersOf(orders).map(({ happenings }) => happenings.map(({ step, orders: of, first, last }) => [step, of.map(({ leg }) => leg).join(""), first, last]));

const HEDGE = orderOf({ leg: 2, side: "BUY" });
const SHORT = orderOf({
  leg: 1,
  sent_at: `${T}.351200+05:30`,
  offset_ms: 351.2,
  acknowledged_at: `${T}.398+05:30`,
  exchange_at: `${T}.400+05:30`,
});

describe("the story of a run", () => {
  it("is in order of time, each instant with its offset from second 0", () => {
    expect(told([SHORT, HEDGE])).toEqual([
      [
        ["priced", "12", -2990, -2990],
        ["sent", "2", 1.5, 1.5],
        ["acknowledged", "2", 43.1, 43.1],
        ["filled", "2", null, null],
        ["sent", "1", 351.2, 351.2],
        ["acknowledged", "1", 398, 398],
        ["filled", "1", 400, 400],
      ],
    ]);
  });

  it("tells what happened to several one after the other in one line, from the first to the last", () => {
    const later = orderOf({ leg: 4, sent_at: `${T}.003+05:30`, offset_ms: 3, acknowledged_at: `${T}.050+05:30` });
    const [entry] = told([later, HEDGE]);
    expect(entry?.slice(1, 3)).toEqual([
      ["sent", "24", 1.5, 3],
      ["acknowledged", "24", 43.1, 50],
    ]);
  });

  it("puts a fill that was told to the second behind the acknowledgement that it follows", () => {
    expect(isPrecise("filled", HEDGE.exchange_at ?? "")).toBe(false);
    const steps = told([HEDGE])[0]?.map(([step]) => step);
    expect(steps).toEqual(["priced", "sent", "acknowledged", "filled"]);
  });

  it("tells a refusal at the instant of the answer, which is then no acknowledgement", () => {
    const refused = orderOf({ status: "refused", broker_order_id: null, exchange_at: null, filled_quantity: 0, reason: "no margin" });
    expect(told([refused])[0]?.slice(1)).toEqual([
      ["sent", "1", 1.5, 1.5],
      ["refused", "1", 43.1, 43.1],
    ]);
  });

  it("tells a refusal of the exchange after the acknowledgement of the broker", () => {
    const killed = orderOf({ status: "refused", exchange_at: `${T}.120+05:30` });
    expect(told([killed])[0]?.map(([step]) => step)).toEqual(["priced", "sent", "acknowledged", "refused"]);
  });

  it("keeps refusals apart where their reasons differ, and what never left for the end", () => {
    const refused = { status: "refused", broker_order_id: null } as const;
    const unsent = orderOf({ leg: 5, status: "withheld", sent_at: null, acknowledged_at: null, exchange_at: null, offset_ms: null, quoted: null, reason: "not sent" });
    const [entry] = told([unsent, orderOf({ ...refused, reason: "no margin" }), orderOf({ ...refused, leg: 2, reason: "no funds" })]);
    expect(entry?.slice(2)).toEqual([
      ["refused", "1", 43.1, 43.1],
      ["refused", "2", 43.1, 43.1],
      ["withheld", "5", null, null],
    ]);
  });

  it("tells that a limit was chased when it was moved last, before the fill", () => {
    const chased = orderOf({ chased: 2, chased_at: `${T.slice(0, -2)}06.120+05:30`, exchange_at: `${T.slice(0, -2)}07+05:30` });
    expect(told([chased])[0]?.slice(3)).toEqual([
      ["chased", "1", 6120, 6120],
      ["filled", "1", null, null],
    ]);
  });

  it("has a chapter for each attempt that was sent at once, without offsets, when it began", () => {
    const at_once = { phase: "exit", at_once: true, offset_ms: null } as const;
    const closing = orderOf({ ...at_once, attempt: 2, sent_at: "2026-11-16T09:21:00.1+05:30", acknowledged_at: null });
    const squared = orderOf({ ...at_once, sent_at: "2026-11-16T09:20:40.1+05:30", acknowledged_at: null });
    const exit = orderOf({ phase: "exit", intended_at: "2026-11-16T15:15:00+05:30", sent_at: "2026-11-16T15:15:00.002+05:30" });
    const chapters = chaptersOf([exit, closing, squared, HEDGE]);
    expect(chapters.map(({ orders: [first] }) => [first?.phase, first?.at_once, first?.attempt])).toEqual([
      ["entry", false, 1],
      ["exit", true, 1],
      ["exit", true, 2],
      ["exit", false, 1],
    ]);
    expect(chapters[1]?.happenings.every(({ first, last }) => first === null && last === null)).toBe(true);
  });
});

describe("the names of contracts", () => {
  it("are strikes where nothing else differs", () => {
    const orders = [orderOf({ contract: "NIFTY 24 Nov 26 24500 CE" }), orderOf({ contract: "NIFTY 24 Nov 26 24700 PE" })];
    expect([...contractNames(orders).values()]).toEqual(["24500 CE", "24700 PE"]);
  });

  it("are whole where expiries differ, or one is a future", () => {
    const option = orderOf({ contract: "NIFTY 24 Nov 26 24500 CE" });
    expect(contractNames([option, orderOf({ contract: "NIFTY 1 Dec 26 24500 CE" })]).get(option.contract)).toBe(option.contract);
    expect(contractNames([option, orderOf({ contract: "NIFTY 24 Nov 26 FUT" })]).get(option.contract)).toBe(option.contract);
  });
});
