import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { stage } from "../../../tests/stage";
import { apiOf, DAY, HALT, haltOf, HOLIDAY, ME, NOW, orderOf, POINTS, POSITION, RUN, runOf, strategyOf } from "./example_day";
import type { SquareOff } from "./shapes";

const PATIENT = { timeout: 15_000 };
const failing = () => ({ status: 503, body: {} });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const page = () => screen.findByRole("main");
const region = (name: string) => screen.findByRole("region", { name });
/** The button that opens the story of the run in the example. */
const CONDOR = { name: /^09:14.*Condor/ };

describe("the states of the page Today", () => {
  it("it loads, and then names the day, its session and the age of what it shows", async () => {
    stage("/", apiOf());
    expect(await screen.findByText("Your day is loading", {}, PATIENT)).toBeTruthy();
    expect(await screen.findByText(/Mon 23 Nov 2026: regular session\. All times are IST\./)).toBeTruthy();
    expect(screen.getByRole("heading", { level: 1, name: "Today" })).toBeTruthy();
    expect(within(await page()).getByText(/as of/, { selector: "header p > span > span" })).toBeTruthy();
  });

  it("a day that cannot be had says so and is asked for again", async () => {
    let up = false;
    const api = apiOf();
    stage("/", { ...api, "GET /api/days/2026-11-23": () => (up ? api["GET /api/days/2026-11-23"]() : failing()) });
    expect(await screen.findByText("Your day could not be loaded")).toBeTruthy();
    up = true;
    await userEvent.click(within(await page()).getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { name: "Runs" })).toBeTruthy();
  });

  it("what was loaded stays when a later answer fails", async () => {
    let up = true;
    const api = apiOf();
    stage("/", { ...api, "GET /api/days/2026-11-23": () => (up ? api["GET /api/days/2026-11-23"]() : failing()) });
    await screen.findByRole("heading", { name: "Runs" });
    up = false;
    expect(await screen.findByText("Legwise does not answer.", {}, PATIENT)).toBeTruthy();
    expect(screen.getByRole("button", CONDOR)).toBeTruthy();
  });

  it("a part that fails is named as not known, and the rest is shown", async () => {
    stage("/", { ...apiOf(), "GET /api/halts": failing, "GET /api/strategies": failing });
    expect(await screen.findByText("Could not be loaded, so it is not known here: your strategies, what is halted.")).toBeTruthy();
    expect(await screen.findByRole("button", CONDOR)).toBeTruthy();
  });

  it("without accounts it sends on to link one, without strategies to create one", async () => {
    stage("/", apiOf({ day: { ...DAY, runs: [] }, me: { ...ME, accounts: [] }, strategies: [] }));
    expect((await screen.findByRole("link", { name: "Link an account" })).getAttribute("href")).toBe("/brokers");
    document.body.replaceChildren();
    stage("/", apiOf({ day: { ...DAY, runs: [] }, strategies: [] }));
    expect((await screen.findByRole("link", { name: "Create a strategy" })).getAttribute("href")).toBe("/strategies");
  });
});

describe("the head", () => {
  it("counts down to the next entry or exit and names it", async () => {
    stage("/", apiOf());
    const next = await region("The next entry or exit");
    expect(within(next).getByText("04:56")).toBeTruthy();
    expect(within(next).getByText("Entry of Straddle")).toBeTruthy();
  });

  it("says on a holiday why nothing comes, and when next by the calendar", async () => {
    stage("/", apiOf({ day: HOLIDAY }));
    const next = await region("The next entry or exit");
    expect(within(next).getByText(/holiday: Diwali\. Next: Wed 25 Nov 2026, 09:20 IST/)).toBeTruthy();
    expect(screen.getByText("Closed: holiday Diwali")).toBeTruthy();
    expect(screen.queryByRole("list", { name: "Sessions, entries and exits of the day" })).toBeNull();
  });

  it("tells the phase of the market, and in words what the strip of the day draws", async () => {
    stage("/", apiOf());
    expect(await screen.findByText("Open until 15:30 IST, 6 h 14 min left")).toBeTruthy();
    const strip = within(screen.getByRole("list", { name: "Sessions, entries and exits of the day" })).getAllByRole("listitem");
    expect(strip.map(({ textContent }) => textContent)).toEqual([
      "regular session 09:15 to 15:30 IST",
      "09:14 IST: entry of Condor",
      "09:20 IST: entry of Straddle",
      "15:10 IST: exit of Condor, Straddle",
    ]);
  });

  it("shows the sessions of the accounts that may trade", async () => {
    stage("/", apiOf());
    const sessions = await screen.findByRole("list", { name: "Sessions at the brokers" });
    expect(within(sessions).getByText("Logged in")).toBeTruthy();
  });
});

describe("alarms", () => {
  it("tell runs that need a hand, with their reason and what to do, open money first", async () => {
    const runs = [runOf({ run_id: "a", name: "Late", status: "missed", reason: "the loop was late" }), runOf({ run_id: "b", name: "Torn", status: "incomplete", reason: "leg 2 refused" })];
    stage("/", apiOf({ day: { ...DAY, runs } }));
    const alarms = within(await region("Alarms")).getAllByRole("listitem");
    expect(alarms[0]?.textContent).toMatch(/Torn is incomplete.*leg 2 refused.*Square the run off/);
    expect(alarms[1]?.textContent).toMatch(/Late was missed.*the loop was late/);
  });

  it("tell differences that persist, and leave out those that may pass", async () => {
    const seen = { kind: "not_held", advice: "restore the position.", since: DAY.as_of, last_seen: DAY.as_of };
    const differences = [
      { ...seen, what: "the broker holds 0", persists: true },
      { ...seen, what: "only just seen", persists: false },
    ];
    const body = { account_id: "kite", compared_at: DAY.as_of, unreadable: null, differences, strangers: [], earlier: [] };
    stage("/", { ...apiOf(), "GET /api/accounts/kite/comparison": () => ({ body }) });
    expect(await screen.findByText("The broker of Kite does not agree")).toBeTruthy();
    expect(screen.getByText(/restore the position/)).toBeTruthy();
    expect(screen.queryByText("only just seen")).toBeNull();
  });

  it("tell accounts that cannot trade, not those that are disabled on purpose", async () => {
    const [kite] = ME.accounts;
    if (!kite) throw new Error("the example has an account");
    const accounts = [
      { ...kite, session: "ended" as const, will_not_trade: "its session ended; log in again" },
      { ...kite, account_id: "off", label: "Off", enabled: false, will_not_trade: "account off is disabled" },
    ];
    stage("/", apiOf({ me: { ...ME, accounts } }));
    expect(await screen.findByText("Kite cannot trade")).toBeTruthy();
    expect(screen.queryByText("Off cannot trade")).toBeNull();
    expect(screen.getByRole("link", { name: "Go to Brokers" })).toBeTruthy();
  });
});

describe("the day", () => {
  it("shows the profit at the last marks with their age, what is realised, paper apart, and what limits leave", async () => {
    stage("/", apiOf({ day: { ...DAY, paper: { profit: "75", realised: "0" } } }));
    const profit = within(await region("Profit of today"));
    expect(profit.getByText("−₹928.00")).toBeTruthy();
    expect(profit.getByText("−₹1,250.50")).toBeTruthy();
    expect(profit.getByText("+₹75.00")).toBeTruthy();
    expect(profit.getByText(/marked/).textContent).toBe("marked 09:14:41 IST, 23 s ago");
    expect(await profit.findByText("4 of 50")).toBeTruthy();
  });

  it.each([
    ["what is open has no mark yet", { marked_at: null, money: { profit: null, realised: "0" } }],
    ["a fill came without its price", { money: { profit: null, realised: null } }],
  ])("says that a profit is not known instead of showing a number: %s", async (why, told) => {
    stage("/", apiOf({ day: { ...DAY, ...told } }));
    const profit = within(await region("Profit of today"));
    expect(profit.getAllByText("not known").length).toBeGreaterThan(0);
    expect(profit.getByText(new RegExp(why))).toBeTruthy();
  });

  it("draws its profit by the minute, with each mark in a table for those who do not see or point", async () => {
    stage("/", apiOf({ points: POINTS }));
    const chart = within(await region("Profit over the day"));
    const drawing = await chart.findByRole("img", { name: /from 09:12 to 09:14 IST: at the end \+₹322\.50, between −₹40\.25 and \+₹322\.50/ });
    expect(drawing.querySelectorAll("polyline")).toHaveLength(0);
    await userEvent.click(chart.getByText("Each mark in a table"));
    const rows = within(await chart.findByRole("table")).getAllByRole("row");
    expect(rows.map(({ textContent }) => textContent)).toEqual(["ISTWith money", "09:14+₹322.50", "09:13not known", "09:12−₹40.25"]);
  });

  it("says when the first mark of its profit comes, and asks again for what could not be had", async () => {
    let up = false;
    stage("/", { ...apiOf(), "GET /api/days/2026-11-23/profit": () => (up ? { body: { date: DAY.date, as_of: DAY.as_of, points: [] } } : failing()) });
    const chart = within(await region("Profit over the day"));
    const again = await chart.findByRole("button", { name: "Try again" });
    up = true;
    await userEvent.click(again);
    expect(await chart.findByText(/No marks yet: the first comes in the minute after an entry/)).toBeTruthy();
  });

  it("asks for the points again as soon as the day has newer marks", async () => {
    let marks = 0;
    const day = () => ({ body: { ...DAY, marked_at: `2026-11-23T09:1${marks}:05+05:30` } });
    const profit = () => ({ body: { date: DAY.date, as_of: DAY.as_of, points: marks ? POINTS : [] } });
    stage("/", { ...apiOf(), "GET /api/days/2026-11-23": day, "GET /api/days/2026-11-23/profit": profit });
    const chart = within(await region("Profit over the day"));
    expect(await chart.findByText(/No marks yet/)).toBeTruthy();
    marks = 4;
    expect(await chart.findByRole("img", { name: /from 09:12/ }, { timeout: 15_000 })).toBeTruthy();
  });

  it("lists runs and what is due by their entries, with the reasons why not", async () => {
    const blocked = { ...strategyOf("blocked", "Blocked", { entry: "11:00" }), will_not_trade: ["account dhan is not linked"] };
    stage("/", apiOf({ strategies: [blocked, strategyOf("straddle", "Straddle")] }));
    const runs = await region("Runs");
    const rows = within(runs).getAllByRole("listitem").map(({ textContent }) => textContent);
    expect(rows).toEqual([
      expect.stringMatching(/09:14.*Condor.*\+₹320\.50.*Open/),
      "Now, 09:15 IST",
      expect.stringMatching(/09:20.*Straddle.*Due/),
      expect.stringMatching(/11:00.*account dhan is not linked.*Will not enter/),
    ]);
  });

  it("opens a run by the keyboard into its legs, orders and positions", async () => {
    stage("/", apiOf());
    const row = await screen.findByRole("button", CONDOR);
    row.focus();
    await userEvent.keyboard("{Enter}");
    expect(row.getAttribute("aria-expanded")).toBe("true");
    expect(within(await screen.findByRole("table", { name: "Orders of Condor" })).getByText("101.55")).toBeTruthy();
    expect(within(screen.getByRole("table", { name: "Positions of Condor" })).getByText("−150")).toBeTruthy();
  });

  it("shows what is open with its average, its last price and that price's age, and its profit", async () => {
    const unmarked = { ...POSITION, account_id: "other", last: null, marked_at: null, profit: null };
    stage("/", apiOf({ day: { ...DAY, positions: [POSITION, unmarked] } }));
    const rows = within(await screen.findByRole("table", { name: "Positions that are open" })).getAllByRole("row");
    expect(rows[1]?.textContent).toMatch(/Kite.*short−150.*101\.55.*99\.4023 s ago.*\+₹322\.50/);
    expect(rows[2]?.textContent).toMatch(/–not known$/);
  });

  it("tells of an order its offset, how long its answer took, its prices, and no reason that its status says", async () => {
    stage("/", apiOf({ day: { ...DAY, orders: [orderOf({ reason: "accepted" })] } }));
    const [, row] = within(await screen.findByRole("table", { name: "Orders of today" })).getAllByRole("row");
    expect(row?.textContent).toBe("09:14:00+4.2 msanswer in 6.5 msCondorleg 1, entrySELL NIFTY 24 Nov 26 26000 CEKite2 lots150 / 150101.50 → 101.55slippage −₹7.50Filled");
  });

  it("tells of an order that mends or closes a run that it left at once: it has no second 0", async () => {
    stage("/", apiOf({ day: { ...DAY, orders: [orderOf({ phase: "exit", at_once: true, offset_ms: null })] } }));
    const [, row] = within(await screen.findByRole("table", { name: "Orders of today" })).getAllByRole("row");
    expect(row?.textContent).toMatch(/^09:14:00at onceanswer in 6\.5 ms/);
  });

  it("says of an order that never left that it was not sent", async () => {
    stage("/", apiOf({ day: { ...DAY, orders: [orderOf({ status: "withheld", reason: "its hedge is not filled", sent_at: null, acknowledged_at: null, offset_ms: null, slippage: null })] } }));
    const [, row] = within(await screen.findByRole("table", { name: "Orders of today" })).getAllByRole("row");
    expect(row?.textContent).toMatch(/not sent.*its hedge is not filled/);
  });

  it("filters orders, and tells offsets, refusals and advice", async () => {
    const refused = orderOf({ intent_id: "2", status: "refused", reason: "RMS: margin", advice: "Add money to this account.", refusal: "funds", offset_ms: -0.31 });
    stage("/", apiOf({ day: { ...DAY, orders: [...DAY.orders, refused] } }));
    await userEvent.click(await screen.findByRole("button", { name: "Problems 1" }));
    const orders = within(await screen.findByRole("table", { name: "Orders of today" }));
    expect(orders.getAllByRole("row")).toHaveLength(2);
    expect(orders.getByText("Add money to this account.")).toBeTruthy();
    expect(orders.getByText("−0.3 ms")).toBeTruthy();
  });

  it("comes anew by itself, and what is opened stays open", async () => {
    let status: "open" | "exiting" = "open";
    stage("/", { ...apiOf(), "GET /api/days/2026-11-23": () => ({ body: { ...DAY, runs: [runOf({ status })] } }) });
    const row = await screen.findByRole("button", CONDOR);
    await userEvent.click(row);
    status = "exiting";
    expect(await screen.findByText("Exiting", {}, PATIENT)).toBeTruthy();
    expect(row.getAttribute("aria-expanded")).toBe("true");
  });

  it("becomes the next one at midnight in India", async () => {
    vi.setSystemTime(Date.parse("2026-11-23T23:59:59.900+05:30"));
    const calls = stage("/", apiOf());
    await screen.findByText(/Mon 23 Nov 2026: regular session/);
    vi.setSystemTime(Date.parse("2026-11-24T00:00:01+05:30"));
    expect(await screen.findByText(/Tue 24 Nov 2026: holiday: Guru Nanak Jayanti/, {}, PATIENT)).toBeTruthy();
    expect(calls.some(({ path }) => path === "/api/days/2026-11-24")).toBe(true);
  });
});

describe("halts", () => {
  it("in force cannot be overlooked, and a user's own is released after a question", async () => {
    let halts = [HALT];
    const calls = stage("/", {
      ...apiOf(),
      "GET /api/halts": () => ({ body: halts }),
      "DELETE /api/halts": () => {
        halts = [];
        return { body: { released: true } };
      },
    });
    const banner = await region("Halts in force");
    expect(within(banner).getByRole("heading", { name: "Entries are halted" })).toBeTruthy();
    expect(within(banner).getByText("Everything of yours: wrong quotes")).toBeTruthy();
    await userEvent.click(within(banner).getByRole("button", { name: "Release everything of yours" }));
    const question = await screen.findByRole("alertdialog");
    await userEvent.click(within(question).getByRole("button", { name: "Release" }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "Halts in force" })).toBeNull());
    expect(calls.find(({ method }) => method === "DELETE")?.query).toBe("?kind=user");
  });

  it("of an operator have no way to release them", async () => {
    stage("/", apiOf({ halts: [haltOf({ kind: "platform", yours: false })] }));
    const banner = await region("Halts in force");
    expect(within(banner).getByText(/Only an operator releases it/)).toBeTruthy();
    expect(within(banner).queryByRole("button")).toBeNull();
  });

  it("that could not be released say why", async () => {
    const message = "an operator halted it (x); only an operator releases it";
    stage("/", { ...apiOf({ halts: [HALT] }), "DELETE /api/halts": () => ({ status: 409, body: { message, problems: [] } }) });
    await userEvent.click(await screen.findByRole("button", { name: "Release everything of yours" }));
    const question = await screen.findByRole("alertdialog");
    await userEvent.click(within(question).getByRole("button", { name: "Release" }));
    expect(await within(question).findByText(/only an operator releases it/)).toBeTruthy();
  });

  it("stop one account after a dialog that says what will happen", async () => {
    const calls = stage("/", { ...apiOf(), "POST /api/halts": () => ({ body: [HALT] }) });
    await userEvent.click(await screen.findByRole("button", { name: "Halt entries" }));
    const dialog = await screen.findByRole("dialog", { name: "Halt entries" });
    await userEvent.selectOptions(within(dialog).getByLabelText("What"), "account:kite");
    expect(within(dialog).getByText(/No strategy that trades in this account enters/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole("button", { name: "Halt the account Kite" }));
    expect(await screen.findByText("Halted: the account Kite.")).toBeTruthy();
    expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ kind: "account", id: "kite", reason: "by hand" });
  });
});

describe("square-offs", () => {
  const progress: SquareOff["runs"][number] = {
    run_id: RUN.run_id,
    strategy_id: "condor",
    name: "Condor",
    status: "exiting",
    reason: "squared off by you",
    open_positions: 1,
    entries_pending: 0,
    exits_pending: 1,
    exits_filled: 0,
    exits_failed: 0,
  };
  const answer = (run: Partial<typeof progress> = {}): { body: SquareOff } => ({ body: { kind: "user", id: null, halt: HALT, started: true, runs: [{ ...progress, ...run }] } });

  it("of everything name each run and are typed out before they begin", async () => {
    const calls = stage("/", { ...apiOf(), "POST /api/square-off": () => answer(), "GET /api/square-off": () => answer() });
    await userEvent.click(await screen.findByRole("button", { name: "Square off" }));
    const dialog = await screen.findByRole("dialog", { name: "Square off" });
    expect(within(dialog).getByText("Condor (Open) in Kite")).toBeTruthy();
    const button = within(dialog).getByRole<HTMLButtonElement>("button", { name: "Square off everything of yours" });
    const typed = within(dialog).getByLabelText("Type SQUARE OFF to confirm");
    await userEvent.type(typed, "square off{Enter}");
    expect(button.disabled).toBe(true);
    expect(calls.filter(({ method }) => method === "POST")).toEqual([]);
    await userEvent.clear(typed);
    await userEvent.type(typed, "SQUARE OFF{Enter}");
    expect(await screen.findByText("Squaring off everything of yours…")).toBeTruthy();
    const posts = calls.filter(({ method }) => method === "POST");
    expect(posts.map(({ body }) => body)).toEqual([{ kind: "user", id: null, reason: "by hand", confirm: "SQUARE OFF" }]);
  });

  it("of a run need no typing, and are followed until it is flat", async () => {
    let status: "exiting" | "flat" = "exiting";
    const calls = stage("/", { ...apiOf(), "POST /api/square-off": () => answer(), "GET /api/square-off": () => answer({ status }) });
    await userEvent.click(await screen.findByRole("button", { name: "Square off Condor" }));
    const dialog = await screen.findByRole("dialog", { name: "Square off" });
    expect(within(dialog).getByText(/Its strategy is not halted/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole("button", { name: "Square off the run Condor" }));
    expect(await screen.findByText(/Open positions: 1\..*0 filled, 1 pending, 0 failed/)).toBeTruthy();
    status = "flat";
    expect(await screen.findByText("Squared off: the run Condor. Nothing of it is open.", {}, PATIENT)).toBeTruthy();
    expect(calls.some(({ method, path, query }) => method === "GET" && path === "/api/square-off" && query === `?kind=run&id=${RUN.run_id}`)).toBe(true);
  });

  it("without an answer are watched all the same, and may be asked for again", async () => {
    stage("/", { ...apiOf(), "POST /api/square-off": failing, "GET /api/square-off": () => answer() });
    await userEvent.click(await screen.findByRole("button", CONDOR));
    await userEvent.click(await screen.findByRole("button", { name: "Square off its strategy" }));
    const dialog = await screen.findByRole("dialog", { name: "Square off" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Square off the strategy Condor" }));
    expect(await within(dialog).findByText(/You can ask again without harm/)).toBeTruthy();
    expect(await screen.findByText("Squaring off the strategy Condor…")).toBeTruthy();
  });

  it("that are refused say why and are not watched", async () => {
    const refusal = { message: "you have no strategy 'condor'", problems: [] };
    stage("/", { ...apiOf(), "POST /api/square-off": () => ({ status: 404, body: refusal }) });
    await userEvent.click(await screen.findByRole("button", CONDOR));
    await userEvent.click(await screen.findByRole("button", { name: "Square off its strategy" }));
    const dialog = await screen.findByRole("dialog", { name: "Square off" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Square off the strategy Condor" }));
    expect(await within(dialog).findByText("You have no strategy 'condor'.")).toBeTruthy();
    expect(screen.queryByText("Squaring off the strategy Condor…")).toBeNull();
  });
});
