import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { istDay } from "@/lib/moments";

import { stage } from "../../../tests/stage";
import { idFrom, type Basket, type Strategy } from "./model";
import { strategyOf, WEEKLY_BASKET } from "./sample";
import { TEMPLATES } from "./templates";
import { daysInWords, legsInWords } from "./words";

const STRANGLE = strategyOf("strangle", { enabled: true });
const runs = (...rows: unknown[]) => ({ [`GET /api/days/${istDay(Date.now())}`]: () => ({ body: { runs: rows } }) });
const kept = (strategies: Strategy[], baskets: Basket[] = []) => ({
  ...runs(),
  "GET /api/strategies": () => ({ body: strategies }),
  "GET /api/baskets": () => ({ body: baskets }),
});
const rowOf = async (name: string) => within(await screen.findByRole("article", { name }));

describe("the page Strategies", () => {
  it("shows that it loads, then what one may begin with", async () => {
    stage("/strategies", kept([]));
    expect(await screen.findByText("Your strategies are loading")).toBeTruthy();
    expect(await screen.findByText("No strategy is there yet")).toBeTruthy();
    for (const { title } of TEMPLATES) expect(screen.getByRole("link", { name: new RegExp(title) })).toBeTruthy();
  });

  it("says what failed, and loads again", async () => {
    let up = false;
    stage("/strategies", { ...kept([]), "GET /api/strategies": () => (up ? { body: [STRANGLE] } : { status: 503, body: {} }) });
    const retry = await within(await screen.findByRole("main")).findByRole("button", { name: "Try again" });
    up = true;
    await userEvent.click(retry);
    expect(await screen.findByRole("article", { name: "Morning strangle" })).toBeTruthy();
  });

  it("tells a strategy in a line: legs, times, days, mode, and why it would not trade", async () => {
    const stuck = strategyOf("stuck", { name: "Stuck", enabled: true, mode: "paper" }, ["the zerodha session of account kite ended; log in again"]);
    stage("/strategies", kept([STRANGLE, stuck]));
    const row = await rowOf("Morning strangle");
    expect(row.getByText("Sell 1 CE OTM 4 · Sell 1 PE delta 0.2")).toBeTruthy();
    expect(row.getByText(/09:20–15:15/)).toBeTruthy();
    expect(row.getByText("Mon to Fri")).toBeTruthy();
    expect(row.getByText("Live")).toBeTruthy();
    expect((await rowOf("Stuck")).getByText(/Would not trade now: the zerodha session/)).toBeTruthy();
  });

  it("shows today's run and what it brought, as the API says it", async () => {
    const run = { run_id: "strangle-1", strategy_id: "strangle", strategy_version: 1, name: "", underlying: "NIFTY", status: "flat", reason: "", entry: "09:20", exit: "15:15", realised: "-1234.5" };
    stage("/strategies", { ...kept([STRANGLE]), ...runs(run) });
    expect(await screen.findByText("Flat")).toBeTruthy();
    expect(screen.getByText("−₹1,234.50")).toBeTruthy();
  });

  it("shows what it brought in seven days in the book of its mode", async () => {
    const brought = (realised: string | null) => ({ strategies: [{ strategy_id: "strangle", name: "", orders: 8, filled: 8, refused: 0, unpriced: 0, runs: 4, realised }] });
    const calls = stage("/strategies", { ...kept([STRANGLE]), "GET /api/reports": () => ({ body: { money: brought("2500"), paper: brought("-99") } }) });
    expect(await screen.findByText("+₹2,500.00")).toBeTruthy();
    expect(screen.queryByText(/99\.00/)).toBeNull();
    expect(calls.find(({ path }) => path === "/api/reports")?.query).toBe(`?from=${istDay(Date.now() - 6 * 86_400_000)}&to=${istDay(Date.now())}`);
  });

  it("keeps its list when today's runs cannot be had", async () => {
    stage("/strategies", { ...kept([STRANGLE]), [`GET /api/days/${istDay(Date.now())}`]: () => ({ status: 503, body: {} }) });
    expect(await screen.findByRole("article", { name: "Morning strangle" })).toBeTruthy();
  });

  it("says when an enabled one runs next, and has the soonest first", async () => {
    const at = (hours: number) => {
      const entry = new Date(Date.now() + hours * 3_600_000 + 1_000).toISOString();
      return { date: istDay(Date.parse(entry)), entry, exit: entry };
    };
    const named = (name: string, enabled: boolean, next_run: Strategy["next_run"]) => ({ ...strategyOf(name.toLowerCase(), { name, enabled }), next_run });
    stage("/strategies", kept([named("Asleep", false, null), named("Never", true, null), named("Later", true, at(30)), named("Soon", true, at(3))]));
    await screen.findByRole("article", { name: "Soon" });
    expect(screen.getAllByRole("article").map((row) => row.getAttribute("aria-label"))).toEqual(["Soon", "Later", "Never", "Asleep"]);
    expect((await rowOf("Soon")).getByText(/^Next run (today|tomorrow) \d\d:\d\d IST/).textContent).toContain("in 3 h");
    expect((await rowOf("Never")).getByText("No run within two months")).toBeTruthy();
    expect((await rowOf("Asleep")).queryByText(/run within|Next run/)).toBeNull();
  });

  it("shows beside a strategy why it cannot be enabled", async () => {
    const off = strategyOf("off", { name: "Off", enabled: false });
    const refusal = { message: "it cannot be done as asked", problems: ["legs[1].stop: is kept, but not carried out yet; take it away, or save the strategy disabled"] };
    const calls = stage("/strategies", { ...kept([off]), "POST /api/strategies/off/enable": () => ({ status: 422, body: refusal }) });
    await userEvent.click(await screen.findByRole("switch", { name: "Off is enabled" }));
    expect(await (await rowOf("Off")).findByText(/legs\[1\]\.stop: is kept/)).toBeTruthy();
    expect(calls.filter(({ method }) => method === "POST").map(({ query }) => query)).toEqual(["?replaces=1"]);
  });

  it("copies under an id that is free", async () => {
    const calls = stage("/strategies", { ...kept([STRANGLE, strategyOf("morning-strangle-copy")]), "POST /api/strategies/strangle/copy": () => ({ body: STRANGLE }) });
    const [more] = await screen.findAllByRole("button", { name: "More for Morning strangle" });
    await userEvent.click(more ?? document.body);
    await userEvent.click(await screen.findByRole("menuitem", { name: "Copy" }));
    await userEvent.click(within(await screen.findByRole("dialog", { name: "Copy Morning strangle" })).getByRole("button", { name: "Copy it" }));
    expect(await screen.findByText("Morning strangle (copy) is there, disabled.")).toBeTruthy();
    expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ new_id: "morning-strangle-copy-2", name: "Morning strangle (copy)" });
  });

  it("deletes after a question, and tells why not", async () => {
    let open = true;
    const remove = vi.fn(() => (open ? { status: 422, body: { message: "it cannot be done as asked", problems: ["today's run is still open"] } } : { body: { removed: "strangle" } }));
    stage("/strategies", { ...kept([STRANGLE]), "DELETE /api/strategies/strangle": remove });
    await userEvent.click(await screen.findByRole("button", { name: "More for Morning strangle" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
    const question = within(await screen.findByRole("alertdialog"));
    expect(remove).not.toHaveBeenCalled();
    await userEvent.click(question.getByRole("button", { name: "Delete Morning strangle" }));
    expect(await question.findByText("today's run is still open")).toBeTruthy();
    open = false;
    await userEvent.click(question.getByRole("button", { name: "Delete Morning strangle" }));
    expect(await screen.findByText("Morning strangle is deleted.")).toBeTruthy();
  });

  it("finds by words of the legs and the basket, and says when nothing fits", async () => {
    const inside = strategyOf("condor", { name: "Condor", basket_id: "weekly", underlying: "SENSEX" });
    stage("/strategies", kept([STRANGLE, inside], [WEEKLY_BASKET]));
    const search = await screen.findByLabelText("Search strategies");
    await userEvent.type(search, "weekly sensex");
    expect(screen.getByRole("article", { name: "Condor" })).toBeTruthy();
    expect(screen.queryByRole("article", { name: "Morning strangle" })).toBeNull();
    await userEvent.type(search, " banknifty");
    expect(await screen.findByText("No strategy fits")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Show all" }));
    await userEvent.selectOptions(screen.getByLabelText("State"), "disabled");
    expect(screen.queryByRole("article", { name: "Morning strangle" })).toBeNull();
  });
});

describe("baskets", () => {
  it("hold their strategies, and switch all of them", async () => {
    const calls = stage("/strategies", { ...kept([strategyOf("condor", { name: "Condor", basket_id: "weekly" }), STRANGLE], [WEEKLY_BASKET]), "POST /api/baskets/weekly/disable": () => ({ body: WEEKLY_BASKET }) });
    const basket = within(await screen.findByRole("region", { name: "Basket Weekly income" }));
    expect(basket.getByText("capital ₹5,00,000.00")).toBeTruthy();
    expect(basket.queryByRole("article", { name: "Morning strangle" })).toBeNull();
    await userEvent.click(basket.getByRole("switch", { name: "Strategies of Weekly income may enter" }));
    await waitFor(() => expect(calls.find(({ path }) => path.endsWith("/disable"))?.query).toBe("?replaces=3"));
  });

  it("are made, and what is wrong is told at its field", async () => {
    const refusal = { message: "the request does not fit", problems: ["multiplier: is too large; choose at most 1000"] };
    const calls = stage("/strategies", { ...kept([STRANGLE]), "PUT /api/baskets/monthly": () => ({ status: 422, body: refusal }) });
    await userEvent.click(await screen.findByRole("button", { name: "More for all strategies" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "New basket" }));
    const dialog = within(await screen.findByRole("dialog", { name: "New basket" }));
    await userEvent.type(dialog.getByLabelText("Name"), "Monthly");
    await userEvent.clear(dialog.getByLabelText("Multiplier"));
    await userEvent.type(dialog.getByLabelText("Multiplier"), "5000");
    await userEvent.click(dialog.getByRole("button", { name: "Save the basket" }));
    await waitFor(() => expect(dialog.getByLabelText("Multiplier").getAttribute("aria-invalid")).toBe("true"));
    expect(calls.find(({ method }) => method === "PUT")).toMatchObject({ query: "?replaces=0", body: { name: "Monthly", enabled: true, multiplier: "5000", capital: null } });
  });
});

describe("files", () => {
  const openImport = async () => {
    await userEvent.click(await screen.findByRole("button", { name: "More for all strategies" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Import a file" }));
    return within(await screen.findByRole("dialog", { name: "Import strategies" }));
  };

  it("are checked before anything is stored", async () => {
    const answer = { stored: false, baskets: [], strategies: [{ ...STRANGLE, version: 2 }] };
    const calls = stage("/strategies", { ...kept([STRANGLE]), "POST /api/import": () => ({ body: answer }) });
    const dialog = await openImport();
    await userEvent.upload(dialog.getByLabelText("File"), new File(["legwise: 1"], "mine.yml"));
    expect(await dialog.findByText(/as version 2/)).toBeTruthy();
    const sent = () => calls.filter(({ method }) => method === "POST").map(({ body }) => body);
    expect(sent()).toEqual([{ format: "yaml", content: "legwise: 1", replace: false, dry_run: true }]);
    await userEvent.click(dialog.getByRole("button", { name: "Import it, disabled" }));
    expect(await screen.findByText("Imported, disabled: 1 strategy, 0 baskets.")).toBeTruthy();
    expect(sent().at(-1)).toMatchObject({ dry_run: false });
  });

  it("with a mistake are not offered to be stored", async () => {
    const refusal = { message: "the file cannot be imported; nothing was stored", problems: ["strategies[1].definition.legs[1].lots: is too small; choose at least 1"] };
    stage("/strategies", { ...kept([STRANGLE]), "POST /api/import": () => ({ status: 422, body: refusal }) });
    const dialog = await openImport();
    await userEvent.upload(dialog.getByLabelText("File"), new File(["{}"], "mine.json"));
    expect(await dialog.findByText(/choose at least 1/)).toBeTruthy();
    expect((dialog.getByRole<HTMLButtonElement>("button", { name: "Import it, disabled" })).disabled).toBe(true);
  });

  it("are exported as the API writes them", async () => {
    const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    const calls = stage("/strategies", { ...kept([STRANGLE]), "GET /api/export": () => ({ body: { format: "json", filename: "legwise-strategies.json", content: "{}" } }) });
    await userEvent.click(await screen.findByRole("button", { name: "More for all strategies" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Export all as JSON" }));
    await waitFor(() => expect(click).toHaveBeenCalled());
    expect(calls.find(({ path }) => path === "/api/export")?.query).toBe("?format=json");
  });
});

describe("words and ids", () => {
  it("of legs name side, lots, right, strike and another expiry than the nearest", () => {
    const [sold] = STRANGLE.definition.legs;
    const legs = sold ? [{ ...sold, lots: 2 }, { ...sold, side: "BUY" as const, strike: { by: "percent_of_atm" as const, percent: "-2.5" }, expiry: { kind: "next_week" as const } }] : [];
    expect(legsInWords(legs)).toBe("Sell 2 CE OTM 4 · Buy 1 CE ATM − 2.5 %, next week");
  });

  it("of days are in their order", () => {
    expect(daysInWords({ weekdays: ["WED", "MON"], special_sessions: true })).toBe("Mon, Wed, special sessions");
    expect(daysInWords({ weekdays: [], special_sessions: false })).toBe("no day");
  });

  it.each([
    ["Iron condor!", [], "iron-condor"],
    ["New", [], "new"],
    ["फ्लाई", [], "strategy"],
    ["Fly", ["fly"], "fly-2"],
  ])("of %s fit the API", (name, taken, id) => {
    expect(idFrom(name, "strategy", taken)).toBe(id);
    expect(idFrom(name.repeat(20), "strategy", taken)).toMatch(/^[a-z0-9][a-z0-9-]{1,39}$/);
  });

  it("of templates are apart, and none trades unasked", () => {
    expect(new Set(TEMPLATES.map(({ id }) => id)).size).toBe(TEMPLATES.length);
    expect(TEMPLATES.filter(({ definition }) => definition.enabled || definition.allocation.length > 0)).toEqual([]);
  });
});
