import { configure, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { istDay } from "@/lib/moments";

import { stage } from "../../../tests/stage";
import { orderOf } from "./example_orders";
import { usualRange } from "./ranges";
import type { Book, Report } from "./shapes";

// The code of a page is loaded when it is opened: the first time takes a while.
configure({ asyncUtilTimeout: 5_000 });

const NOTHING = { orders: 0, filled: 0, refused: 0, unpriced: 0, realised: "0", priced: 0, slippage: null };
const EMPTY: Book = {
  days: [],
  strategies: [],
  legs: [],
  accounts: [],
  total: { ...NOTHING, runs: [], days_with_profit: 0, days_with_loss: 0, drawdown: "0" },
  timing: { orders: 0, buckets: [], p50_ms: null, p99_ms: null, max_ms: null },
};
const made = { orders: 4, filled: 3, refused: 1, unpriced: 0, realised: "65.50", priced: 3, slippage: "13.00" };
const MONEY: Book = {
  days: [
    { date: "2026-11-16", runs: [{ status: "flat", runs: 2 }], orders: 2, filled: 2, refused: 0, unpriced: 0, realised: "123456.50", priced: 2, slippage: "19.50", equity: "123456.50" },
    { date: "2026-11-17", runs: [{ status: "incomplete", runs: 1 }], orders: 2, filled: 1, refused: 1, unpriced: 0, realised: "-123391.00", priced: 1, slippage: "-6.50", equity: "65.50" },
  ],
  strategies: [{ strategy_id: "condor", name: "=Condor", runs: 3, ...made }],
  legs: [{ strategy_id: "condor", name: "=Condor", leg: 2, ...made }],
  accounts: [{ account_id: "gone", label: null, broker: null, ...made }],
  total: { ...made, runs: [{ status: "flat", runs: 2 }, { status: "incomplete", runs: 1 }], days_with_profit: 1, days_with_loss: 1, drawdown: "123391.00" },
  timing: {
    orders: 3,
    buckets: [
      { from_ms: null, to_ms: 0, orders: 0 },
      { from_ms: 0, to_ms: 1, orders: 2 },
      { from_ms: 1, to_ms: 2, orders: 1 },
      { from_ms: 2, to_ms: null, orders: 0 },
    ],
    p50_ms: 0.4,
    p99_ms: 1.5,
    max_ms: 1.5,
  },
};
const REPORT: Report = {
  first: "2026-11-16",
  last: "2026-11-20",
  as_of: new Date().toISOString(),
  money: MONEY,
  paper: EMPTY,
  without_orders: [{ date: "2026-11-18", runs: [{ status: "missed", runs: 1 }] }],
};
const WEEK = "/reports?from=2026-11-16&to=2026-11-20";
const told = (report: Report) => ({ "GET /api/reports": () => ({ body: report }) });

/** The text of the file that the page gave to the browser. */
function keptFile(): () => Promise<string> {
  const kept: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    kept.push(blob as Blob);
    return "blob:kept";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  return () => kept[0]?.text() ?? Promise.resolve("");
}

describe("the page Reports", () => {
  it("loads the last 30 days where none are named, and says so meanwhile", async () => {
    const calls = stage("/reports", told({ ...REPORT, money: EMPTY, without_orders: [] }));
    expect(await screen.findByText("The report is loading")).toBeTruthy();
    expect(await screen.findByText("Nothing was traded with money")).toBeTruthy();
    const { from, to } = usualRange(istDay(Date.now()));
    expect(calls[0]?.query).toBe(`?from=${from}&to=${to}`);
  });

  it("says what failed, and loads again", async () => {
    let up = false;
    stage(WEEK, { "GET /api/reports": () => (up ? { body: REPORT } : { status: 503, body: {} }) });
    const retry = await within(await screen.findByRole("main")).findByRole("button", { name: "Try again" });
    up = true;
    await userEvent.click(retry);
    expect(await screen.findByRole("region", { name: "Profit by day, a row a week" })).toBeTruthy();
  });

  it("tells what the API refused in its words", async () => {
    const body = { message: "the request does not fit", problems: ["to: is in the future; choose 2026-11-23 or an earlier date"] };
    stage("/reports?from=2026-11-20&to=2099-01-01", { "GET /api/reports": () => ({ status: 422, body }) });
    expect(await screen.findByText(/is in the future; choose 2026-11-23/)).toBeTruthy();
  });

  it("shows each day's profit with its sign at its place, and leads to the day", async () => {
    stage(WEEK, told(REPORT));
    const month = await screen.findByRole("region", { name: "Profit by day, a row a week" });
    expect(within(month).getAllByRole("columnheader").map(({ textContent }) => textContent)).toEqual(["Week of", "Mon", "Tue", "Wed", "Thu", "Fri"]);
    const good = within(month).getByRole("link", { name: /^Mon 16 Nov 2026: \+₹1,23,456.50/ });
    expect(good.getAttribute("href")).toBe("/reports/2026-11-16");
    expect(within(month).getByRole("link", { name: /^Tue 17 Nov 2026: −₹1,23,391.00/ })).toBeTruthy();
    expect(within(month).getByRole("link", { name: "Wed 18 Nov 2026: no orders" })).toBeTruthy();
  });

  it("draws the equity with the same in words, and the times with a table beside", async () => {
    stage(WEEK, told(REPORT));
    const curve = await screen.findByRole("img", { name: /^Equity from Mon 16 Nov 2026 to Tue 17 Nov 2026: at the end \+₹66, at most \+₹1,23,457/ });
    expect(curve.querySelectorAll("circle")).toHaveLength(2);
    expect(await screen.findByRole("img", { name: /^Sent orders by milliseconds/ })).toBeTruthy();
    const table = screen.getByRole("table", { name: "Orders by time of sending, as a table", hidden: true });
    expect(within(table).getByText("0 to 1 ms").closest("tr")?.textContent).toBe("0 to 1 ms2");
    expect(screen.getAllByText("+1.5 ms")).toHaveLength(2);
  });

  it("tells slippage with the number of orders that it is of, in the summary and in each table", async () => {
    stage(WEEK, told(REPORT));
    const fact = (await screen.findByText("Slippage", { selector: "dt" })).parentElement;
    expect(fact?.textContent).toBe("Slippage+₹13.00, a costof 3 orders; a plus costs");
    const table = await screen.findByRole("region", { name: "Results by day" });
    expect(within(table).getByText("−₹6.50").textContent).toBe("−₹6.50, a gain");
    expect(screen.getByText(/a plus costs\.$/)).toBeTruthy();
  });

  it("shows no slippage where no order was measured", async () => {
    const total = { ...MONEY.total, priced: 0, slippage: null };
    stage(WEEK, told({ ...REPORT, money: { ...MONEY, total } }));
    expect((await screen.findByText("Slippage", { selector: "dt" })).parentElement?.textContent).toBe("Slippage–no order was measured");
  });

  it("names zero once at the axis of a curve that is flat", async () => {
    const [first] = MONEY.days;
    if (!first) throw new Error("a day is needed");
    stage(WEEK, told({ ...REPORT, money: { ...MONEY, days: [{ ...first, realised: "0", equity: "0.00" }] } }));
    const curve = await screen.findByRole("img", { name: /^Equity from/ });
    expect([...curve.querySelectorAll("text")].map(({ textContent }) => textContent)).toEqual(["₹0", "Mon 16 Nov 2026"]);
  });

  it("keeps a Sunday on which was traded in the calendar", async () => {
    const [first] = MONEY.days;
    if (!first) throw new Error("a day is needed");
    stage("/reports?from=2026-11-08&to=2026-11-13", told({ ...REPORT, first: "2026-11-08", last: "2026-11-13", money: { ...MONEY, days: [{ ...first, date: "2026-11-08" }] } }));
    const calendar = await screen.findByRole("region", { name: "Profit by day, a row a week" });
    expect(within(calendar).getByRole("link", { name: /^Sun 8 Nov 2026: \+₹1,23,456\.50/ })).toBeTruthy();
  });

  it("makes up no sum where a profit is not known", async () => {
    const [first, second] = MONEY.days;
    if (!first || !second) throw new Error("two days are needed");
    const days = [{ ...first, realised: null, equity: null, unpriced: 1 }, { ...second, equity: null }];
    const total = { ...MONEY.total, realised: null, drawdown: null };
    stage(WEEK, told({ ...REPORT, money: { ...MONEY, days, total } }));
    expect(await screen.findByText(/On Mon 16 Nov 2026 an order was filled without a price/)).toBeTruthy();
    expect(screen.getByText("Profit before charges", { selector: "dt" }).nextElementSibling?.textContent).toBe("not known");
  });

  it("keeps money and paper apart, and the choice in the address", async () => {
    stage(WEEK, told({ ...REPORT, paper: { ...MONEY, accounts: [] }, money: EMPTY, without_orders: [] }));
    expect(await screen.findByText("Nothing was traded with money")).toBeTruthy();
    await userEvent.click(screen.getByRole("tab", { name: "Paper" }));
    expect(await screen.findByRole("region", { name: "Profit by day, a row a week" })).toBeTruthy();
    expect(location.search).toBe("?from=2026-11-16&to=2026-11-20&book=paper");
  });

  it("asks for a range that one types, and for none that cannot be told", async () => {
    const calls = stage(WEEK, told(REPORT));
    const form = await screen.findByRole("form", { name: "Your own range" });
    const from = within(form).getByLabelText("From (IST)");
    await userEvent.clear(from);
    await userEvent.type(from, "2026-11-21");
    await userEvent.click(within(form).getByRole("button", { name: "Show" }));
    expect(await within(form).findByText("It is after the last day: choose an earlier one.")).toBeTruthy();
    expect(from.getAttribute("aria-invalid")).toBe("true");
    await userEvent.clear(from);
    await userEvent.type(from, "2026-11-17");
    await userEvent.click(within(form).getByRole("button", { name: "Show" }));
    await waitFor(() => expect(location.search).toBe("?from=2026-11-17&to=2026-11-20"));
    expect(new Set(calls.map(({ query }) => query))).toEqual(new Set(["?from=2026-11-16&to=2026-11-20", "?from=2026-11-17&to=2026-11-20"]));
  });

  it("keeps a table as a file, amounts as they came and names that no spreadsheet runs", async () => {
    stage(WEEK, told(REPORT));
    const file = keptFile();
    await userEvent.click(await screen.findByRole("tab", { name: "By leg" }));
    const panel = await screen.findByRole("tabpanel", { name: "By leg" });
    expect(within(panel).getByRole("rowheader", { name: "=Condor" })).toBeTruthy();
    await userEvent.click(within(panel).getByRole("button", { name: "Export as CSV" }));
    expect(await file()).toBe("\uFEFFstrategy_id,strategy,leg,orders,filled,refused,realised,unpriced,slippage,priced\r\ncondor,'=Condor,2,4,3,1,65.50,0,13.00,3\r\n");
  });

  it("names an account that is not linked any more", async () => {
    stage(WEEK, told(REPORT));
    await userEvent.click(await screen.findByRole("tab", { name: "By account" }));
    expect(await screen.findByText("not linked any more")).toBeTruthy();
  });
});

const ORDER = orderOf({});
const UNSENT = orderOf({
  intent_id: "z",
  leg: 2,
  side: "BUY",
  contract: "NIFTY 24 Nov 26 24700 CE",
  status: "withheld",
  reason: "no margin",
  average_price: null,
  filled_quantity: 0,
  broker_order_id: null,
  sent_at: null,
  acknowledged_at: null,
  exchange_at: null,
  offset_ms: null,
  quoted: null,
  slippage: null,
});
const DAY = {
  date: "2026-11-16",
  as_of: new Date().toISOString(),
  session: "regular session",
  runs: [
    {
      run_id: "condor-20261116",
      strategy_id: "condor",
      strategy_version: 1,
      name: "Condor",
      underlying: "NIFTY",
      status: "flat",
      reason: "every position is closed",
      entry: "09:20",
      exit: "15:15",
      realised: "-650.00",
      profit: "-650.00",
      paper: false,
    },
  ],
  orders: [UNSENT, ORDER],
  kind: "REGULAR",
  sessions: [],
  marked_at: null,
  money: { profit: "-650.00", realised: "-650.00" },
  paper: null,
  positions: [],
};

describe("the page of a past day", () => {
  it("shows that it loads, then what became of each run and its orders", async () => {
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body: DAY }) });
    expect(await screen.findByText("The day is loading")).toBeTruthy();
    expect(await screen.findByRole("heading", { level: 1, name: "Mon 16 Nov 2026" })).toBeTruthy();
    const run = await screen.findByRole("region", { name: "Condor" });
    expect(within(run).getByText("−₹650.00")).toBeTruthy();
    expect(screen.getByText("With money, before charges").nextElementSibling?.textContent).toBe("−₹650.00");
    expect(within(run).getByText("Flat")).toBeTruthy();
    const rows = within(run).getAllByRole("row").slice(1).map(({ textContent }) => textContent);
    expect(rows[0]).toContain("SELL NIFTY 24 Nov 26 24500 CEleg 1, entry; kite+1.5 ms2 lots130 / 130");
    expect(rows[1]).toContain("not sent");
    expect(within(run).getByText("no margin")).toBeTruthy();
  });

  it("tells a run in order of time, from the quotes to what became of each order", async () => {
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body: DAY }) });
    const story = await screen.findByRole("list", { name: "What happened in Condor" });
    const lines = within(story).getAllByRole("listitem").slice(1).map(({ textContent }) => textContent);
    expect(lines).toEqual([
      "09:19:57.010−2,990 msPriced1 order from the brokers' quotes",
      "09:20:00.001+1.5 msSentSELL 24500 CE, 130",
      "09:20:00.043+43.1 msAcknowledgedSELL 24500 CE",
      "09:20:00FilledSELL 24500 CE, 130 at 100.05",
      "at no known time: WithheldBUY 24700 CE, 130no margin",
    ]);
    expect(within(story).getByText("2 orders, planned for 09:20:00 IST, kite")).toBeTruthy();
  });

  it("names the accounts of orders where a run has several", async () => {
    const body = { ...DAY, orders: [ORDER, { ...ORDER, intent_id: "other", account_id: "angel" }] };
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body }) });
    const story = await screen.findByRole("list", { name: "What happened in Condor" });
    expect(within(story).getByText("Sent").closest("li")?.textContent).toContain("SentSELL 24500 CE, 130, +1.5 ms, kite · SELL 24500 CE, 130, +1.5 ms, angel");
  });

  it("shows what each order was priced from, what that cost, and against what it is measured", async () => {
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body: DAY }) });
    const table = await screen.findByRole("table", { name: "Orders of Condor" });
    const [, filled, unsent] = within(table).getAllByRole("row");
    if (!filled || !unsent) throw new Error("two orders are needed");
    expect(within(filled).getByTitle("Told by the broker at 09:19:57.010 IST").textContent).toBe("quote100.00 – 100.20last 100.05");
    expect(within(filled).getByText("+₹6.50").textContent).toBe("+₹6.50, a cost");
    expect(within(unsent).getByTitle("No quote was written down")).toBeTruthy();
    expect(screen.getByText(/^Slippage is against the middle of the quote .* just before second 0 .*; a plus costs\.$/)).toBeTruthy();
  });

  it("tells what the day made as the API adds it up, and what of it is open", async () => {
    const [run] = DAY.runs;
    const body = { ...DAY, runs: [{ ...run, paper: true }], paper: { profit: "12.50", realised: "-3.00" } };
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body }) });
    const name = await screen.findByText("On paper, before charges");
    expect(name.nextElementSibling?.textContent).toBe("+₹12.50with what is open; −₹3.00 realised");
    expect(screen.queryByText("With money, before charges")).toBeNull();
  });

  it("calls accounts what their owner calls them", async () => {
    const me = { user_id: "u", environment: "local", halted: null, accounts: [{ account_id: "kite", label: "Kite of the family", broker: "zerodha" }] };
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body: DAY }), "GET /api/me": () => ({ body: me }) });
    expect(await screen.findAllByText(/entry; Kite of the family/)).toHaveLength(2);
    expect(screen.queryByText(/\bkite\b/)).toBeNull();
  });

  it.each([
    ["open", "12.25", "+₹12.25still open, at last prices"],
    ["open", null, "still open"],
    ["incomplete", null, "still open"],
    ["flat", null, "profit not known: a fill came without its price"],
  ])("says of a run that is %s with a profit of %s what is known", async (status, profit, words) => {
    const [run] = DAY.runs;
    const body = { ...DAY, runs: [{ ...run, status, profit, realised: null }] };
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body }) });
    const card = await screen.findByRole("region", { name: "Condor" });
    expect(card.querySelector("header")?.textContent).toContain(words);
  });

  it("keeps its orders as a file", async () => {
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body: DAY }) });
    const file = keptFile();
    await userEvent.click(await screen.findByRole("button", { name: "Export the orders as CSV" }));
    const [head, first, second] = (await file()).split("\r\n");
    expect(head).toMatch(/^\uFEFFrun_id,leg,account_id,phase,attempt,at_once,side,symbol.*,quoted_bid,quoted_ask,quoted_last,quoted_at$/);
    expect(first).toMatch(/,,,,$/);
    expect(second).toContain(",100.05,130,6.50,");
    expect(second).toMatch(/,100\.00,100\.20,100\.05,2026-11-16T09:19:57\.010000\+05:30$/);
  });

  it("says that nothing ran, and why", async () => {
    stage("/reports/2026-11-24", { "GET /api/days/2026-11-24": () => ({ body: { ...DAY, date: "2026-11-24", session: "holiday: Guru Nanak Jayanti", runs: [], orders: [] } }) });
    expect(await screen.findByText("Nothing ran on this day")).toBeTruthy();
    expect(screen.getAllByText(/holiday: Guru Nanak Jayanti/)).toHaveLength(2);
  });

  it("says what failed, and loads again", async () => {
    let up = false;
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => (up ? { body: DAY } : { status: 503, body: {} }) });
    const retry = await within(await screen.findByRole("main")).findByRole("button", { name: "Try again" });
    up = true;
    await userEvent.click(retry);
    expect(await screen.findByRole("region", { name: "Condor" })).toBeTruthy();
  });

  it("leads to the days around it", async () => {
    const body = { ...DAY, runs: [], orders: [] };
    stage("/reports/2026-11-16", { "GET /api/days/2026-11-16": () => ({ body }), "GET /api/days/2026-11-15": () => ({ body: { ...body, date: "2026-11-15" } }) });
    await userEvent.click(await screen.findByRole("link", { name: "The day before" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Sun 15 Nov 2026" })).toBeTruthy();
  });

  it("tells of an address that names no day what the API says", async () => {
    const body = { message: "the request does not fit", problems: ["date: is no date; write it like 2026-11-23"] };
    stage("/reports/yesterday", { "GET /api/days/yesterday": () => ({ status: 422, body }) });
    expect(await screen.findByText(/is no date; write it like/)).toBeTruthy();
  });
});
