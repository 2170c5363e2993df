import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { stage, type Call } from "../../../../tests/stage";
import type { Definition } from "../model";
import { ANGEL, AT_MARKET, KITE, NOTHING, strategyOf, WEEKLY_BASKET } from "../sample";
import { differing } from "./findings";

const STORED = strategyOf("strangle");
const PREVIEW = "POST /api/strategies/preview";
const surroundings = (preview: unknown = NOTHING) => ({
  "GET /api/accounts": () => ({ body: [KITE] }),
  "GET /api/baskets": () => ({ body: [WEEKLY_BASKET] }),
  "GET /api/strategies": () => ({ body: [STORED] }),
  "GET /api/strategies/strangle": () => ({ body: STORED }),
  [PREVIEW]: () => ({ body: preview }),
});
/** The whole of it: its lower half is drawn after the upper one. */
const form = async () => {
  const whole = within(await screen.findByRole("form", { name: "Strategy" }));
  await whole.findByRole("region", { name: "Schedule" });
  return whole;
};
const legOf = async (number: number) => within((await (await form()).findAllByRole("group", { name: new RegExp(`^Leg ${number}:`) }))[0] ?? document.body);
const put = (calls: Call[]) => calls.filter(({ method }) => method === "PUT");
const retype = async (field: HTMLElement, text: string) => {
  await userEvent.clear(field);
  if (text) await userEvent.type(field, text);
};

describe("the builder", () => {
  it("shows that it loads, and says that there is no such strategy", async () => {
    stage("/strategies/lost/edit", { ...surroundings(), "GET /api/strategies/lost": () => ({ status: 404, body: { message: "you have no strategy 'lost'", problems: [] } }) });
    // The first of the file loads the code of the page, too.
    expect(await screen.findByText("The strategy is loading", {}, { timeout: 15_000 })).toBeTruthy();
    expect(await screen.findByText("It is not there")).toBeTruthy();
  });

  it("says what failed, and loads again", async () => {
    let up = false;
    stage("/strategies/strangle/edit", { ...surroundings(), "GET /api/baskets": () => (up ? { body: [] } : { status: 503, body: {} }) });
    const retry = await within(await screen.findByRole("main")).findByRole("button", { name: "Try again" });
    up = true;
    await userEvent.click(retry);
    expect(await screen.findByRole("form", { name: "Strategy" })).toBeTruthy();
  });

  it("begins from a template with the only account, disabled, and saves it under an id of its name", async () => {
    const calls = stage("/strategies/new?template=iron-condor", { ...surroundings(), "PUT /api/strategies/iron-condor": ({ body }) => ({ body: { strategy_id: "iron-condor", version: 1, definition: body } }) });
    await userEvent.click(await screen.findByRole("button", { name: "Save" }));
    expect(await screen.findByText("Iron condor is saved as version 1, disabled.")).toBeTruthy();
    const [saved] = put(calls);
    expect(saved?.query).toBe("?replaces=0");
    expect(saved?.body).toMatchObject({ enabled: false, allocation: [{ account_id: "kite", weight: 1 }] });
    await waitFor(() => expect(location.pathname).toBe("/strategies/iron-condor/edit"));
  });

  it("begins with one lot in each enabled account that is not paper, so that it can be saved at once", async () => {
    const off = { ...ANGEL, account_id: "off", label: "Off", enabled: false };
    const paper = { ...ANGEL, account_id: "paper", label: "On paper", broker: "paper" as const };
    const calls = stage("/strategies/new?template=calendar", { ...surroundings(), "GET /api/accounts": () => ({ body: [KITE, ANGEL, off, paper] }), "PUT /api/strategies/calendar-spread": () => ({ body: STORED }) });
    const page = await form();
    const ticked = (name: RegExp) => page.getByRole("checkbox", { name }).getAttribute("aria-checked");
    expect([/^Kite/, /^Angel/, /^Off/, /^On paper/].map(ticked)).toEqual(["true", "true", "false", "false"]);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(put(calls)[0]?.body).toMatchObject({ legs: [{ lots: 2 }, { lots: 2 }], allocation: [{ account_id: "kite", weight: 1 }, { account_id: "angel", weight: 1 }] }));
  });

  it("calls missing what a new one lacks before anything was typed, and wrong what it lacks after", async () => {
    const refusal = { message: "the request does not fit", problems: ["allocation: has too few entries; give at least 1"] };
    stage("/strategies/new", { ...surroundings(), "GET /api/accounts": () => ({ body: [] }), [PREVIEW]: () => ({ status: 422, body: refusal }) });
    const panel = within(await screen.findByRole("region", { name: "Preview" }));
    expect(await panel.findByText("Still missing")).toBeTruthy();
    expect((await form()).queryByText(/too few entries/)).toBeNull();
    await retype((await form()).getByLabelText("Name"), "Mine");
    expect(await panel.findByText("It cannot be saved as it is")).toBeTruthy();
    expect((await form()).getByText(/too few entries/)).toBeTruthy();
  });

  it("opens a strategy that is called new, and sends an address without its last word on", async () => {
    const called = { ...STORED, strategy_id: "new" };
    stage("/strategies/new/edit", { ...surroundings(), "GET /api/strategies/new": () => ({ body: called }) });
    expect(await screen.findByText("Its id: new")).toBeTruthy();
    document.body.replaceChildren();
    stage("/strategies/strangle", surroundings());
    expect(await screen.findByText("Its id: strangle")).toBeTruthy();
    expect(location.pathname).toBe("/strategies/strangle/edit");
  });

  it("takes times on 24 hours as they are typed, and says when one is none", async () => {
    const calls = stage("/strategies/strangle/edit", { ...surroundings(), "PUT /api/strategies/strangle": () => ({ body: STORED }) });
    const entry = (await form()).getByLabelText<HTMLInputElement>("Entry, IST");
    await retype(entry, "945");
    await userEvent.tab();
    expect(entry.value).toBe("09:45");
    await retype(entry, "24:10");
    expect(entry.getAttribute("aria-invalid")).toBeNull();
    await userEvent.tab();
    expect(entry.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(entry.getAttribute("aria-describedby") ?? "")?.textContent).toContain("like 09:20");
    await retype(entry, "0930");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(put(calls)[0]?.body).toMatchObject({ schedule: { entry: "09:30" } }));
  });

  it("edits legs in place and sends whole numbers as numbers", async () => {
    const calls = stage("/strategies/strangle/edit", { ...surroundings(), "PUT /api/strategies/strangle": () => ({ body: { ...STORED, version: 2 } }) });
    const leg = await legOf(1);
    await userEvent.selectOptions(leg.getByLabelText("Side"), "BUY");
    await retype(leg.getByLabelText("Lots"), "3");
    await userEvent.selectOptions(leg.getByLabelText("Strike"), "premium_range");
    await userEvent.type(leg.getByLabelText("From, ₹"), "40");
    await userEvent.type(leg.getByLabelText("To, ₹"), "60.5");
    await userEvent.selectOptions(leg.getByLabelText("Expiry"), "days_to_expiry");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(put(calls)).toHaveLength(1));
    const { legs } = put(calls)[0]?.body as Definition;
    expect(legs[0]).toMatchObject({ side: "BUY", lots: 3, strike: { by: "premium_range", low: "40", high: "60.5" }, expiry: { kind: "days_to_expiry", days: 7 } });
    expect(legs[1]).toEqual(STORED.definition.legs[1]);
  });

  it("adds, moves and removes legs by the keyboard, and the focus goes along", async () => {
    stage("/strategies/strangle/edit", surroundings());
    const page = await form();
    page.getByRole("button", { name: "Move leg 1 down" }).focus();
    await userEvent.keyboard("{Enter}");
    expect((await legOf(2)).getByLabelText("Moneyness")).toBeTruthy();
    // It is the last now: what is left to it is the way up.
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Move leg 2 up"));
    await userEvent.click(page.getByRole("button", { name: "Add a leg" }));
    await waitFor(() => expect(document.activeElement?.closest("fieldset")?.textContent).toContain("Leg 3:"));
    page.getByRole("button", { name: "Remove leg 3" }).focus();
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Remove leg 2"));
  });

  it("shows at its field what the API refuses, and goes there", async () => {
    const problems = ["legs[2].strike.delta: is too large; choose less than 1", "schedule.exit: 09:00 must be later in the day than entry 09:20; choose a later exit"];
    stage("/strategies/strangle/edit", { ...surroundings(), "PUT /api/strategies/strangle": () => ({ status: 422, body: { message: "it cannot be done as asked", problems } }) });
    const delta = (await legOf(2)).getByLabelText("Delta, 0 to 1");
    await retype(delta, "7");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(document.activeElement).toBe(delta));
    expect(delta.getAttribute("aria-invalid")).toBe("true");
    expect(document.getElementById(delta.getAttribute("aria-describedby") ?? "")?.textContent).toBe("is too large; choose less than 1");
    const exit = (await form()).getByLabelText("Exit, IST");
    expect(document.getElementById(exit.getAttribute("aria-describedby") ?? "")?.textContent).toContain("choose a later exit");
    expect((await form()).getByLabelText("Name").getAttribute("aria-invalid")).toBeNull();
  });

  it("keeps rules that are not carried out yet, says so, and takes them away when asked", async () => {
    const [first, second] = STORED.definition.legs;
    const stop = { unit: "percent" as const, value: "30", of: "premium" as const };
    const with_stop = { ...STORED, definition: { ...STORED.definition, legs: [{ ...first, stop }, second], risk: { ...STORED.definition.risk, stop: "5000" } } };
    const calls = stage("/strategies/strangle/edit", { ...surroundings(), "GET /api/strategies/strangle": () => ({ body: with_stop }), "PUT /api/strategies/strangle": () => ({ body: with_stop }) });
    expect(await screen.findByText(/carried out yet: overall stop/)).toBeTruthy();
    await retype((await form()).getByLabelText("Name"), "Renamed");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(put(calls)).toHaveLength(1));
    expect(put(calls)[0]?.body).toMatchObject({ name: "Renamed", legs: [{ stop }, {}], risk: { stop: "5000" } });
    await userEvent.click((await legOf(1)).getByRole("button", { name: "Take away" }));
    expect((await legOf(1)).queryByText(/carried out yet/)).toBeNull();
  });

  it("gives a leg its own lots for each account, and keeps their sum as the lots of the leg", async () => {
    const [first, second] = STORED.definition.legs;
    const shared = { ...STORED, definition: { ...STORED.definition, legs: [{ ...first, lots: 3 }, second], allocation: [{ account_id: "kite", weight: 1 }, { account_id: "angel", weight: 1 }] } };
    const calls = stage("/strategies/strangle/edit", {
      ...surroundings(),
      "GET /api/accounts": () => ({ body: [KITE, ANGEL] }),
      "GET /api/strategies/strangle": () => ({ body: shared }),
      "PUT /api/strategies/strangle": () => ({ body: STORED }),
    });
    const leg = await legOf(1);
    await userEvent.click(leg.getByRole("button", { name: "Own lots of leg 1" }));
    await userEvent.click(leg.getByRole("checkbox", { name: /Own lots/ }));
    const [, kite, angel] = leg.getAllByLabelText<HTMLInputElement>("Lots");
    expect([kite?.value, angel?.value]).toEqual(["2", "1"]);
    await retype(angel ?? document.body, "4");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    const allocation = [{ account_id: "kite", lots: 2 }, { account_id: "angel", lots: 4 }];
    await waitFor(() => expect(put(calls)[0]?.body).toMatchObject({ legs: [{ lots: 6, allocation }, { allocation: [] }] }));
  });

  it("takes buffer and chase away with the style that they belong to", async () => {
    const calls = stage("/strategies/strangle/edit", { ...surroundings(), "PUT /api/strategies/strangle": () => ({ body: STORED }) });
    const page = await form();
    await userEvent.selectOptions(page.getByLabelText("Style"), "limit");
    await userEvent.click(page.getByRole("checkbox", { name: /^Chase/ }));
    expect(page.getByLabelText("Give up after, seconds")).toBeTruthy();
    await userEvent.selectOptions(page.getByLabelText("Style"), "protected");
    await userEvent.click(page.getByRole("checkbox", { name: /^Hedges first/ }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(put(calls)[0]?.body).toMatchObject({ orders: { style: "protected", buffer: null, chase: null, hedges_first: false, hedges_of: "account" } }));
  });
});

describe("unsaved changes", () => {
  it("are back after a reload, with a notice, and can be discarded", async () => {
    stage("/strategies/strangle/edit", surroundings());
    await retype((await form()).getByLabelText("Name"), "Half done");
    document.body.replaceChildren();

    stage("/strategies/strangle/edit", surroundings());
    expect(await screen.findByText("Your unsaved changes are back.")).toBeTruthy();
    expect((await form()).getByLabelText<HTMLInputElement>("Name").value).toBe("Half done");
    await userEvent.click(screen.getByRole("button", { name: "Discard them" }));
    expect((await form()).getByLabelText<HTMLInputElement>("Name").value).toBe("Morning strangle");
    expect(Object.keys(sessionStorage).filter((key) => key.includes("draft"))).toEqual([]);
  });

  it("that are made while a save is on its way stay unsaved", async () => {
    let answer: (() => void) | undefined;
    const release = new Promise<void>((resolve) => (answer = resolve));
    let stored = STORED;
    stage("/strategies/strangle/edit", { ...surroundings(), "GET /api/strategies/strangle": () => ({ body: stored }), "PUT /api/strategies/strangle": ({ body }) => ({ body: (stored = { ...STORED, version: 2, definition: body as typeof STORED.definition }) }) });
    const name = (await form()).getByLabelText<HTMLInputElement>("Name");
    await retype(name, "First");
    const send = globalThis.fetch;
    vi.stubGlobal("fetch", async (target: Request) => {
      if (target.method === "PUT") await release;
      return send(target);
    });
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await retype(name, "Second");
    answer?.();
    expect(await screen.findByText("First is saved as version 2, disabled.")).toBeTruthy();
    expect(name.value).toBe("Second");
    expect(await screen.findByText(", version 2")).toBeTruthy();
    expect(screen.queryByText(/is stored\./)).toBeNull();
  });

  it("are warned of when the page is left", async () => {
    stage("/strategies/strangle/edit", surroundings());
    await retype((await form()).getByLabelText("Name"), "Half done");
    await userEvent.click(screen.getByRole("link", { name: "All strategies" }));
    const question = within(await screen.findByRole("dialog", { name: "Leave without saving?" }));
    expect(location.pathname).toBe("/strategies/strangle/edit");
    await userEvent.click(question.getByRole("button", { name: "Leave" }));
    await waitFor(() => expect(location.pathname).toBe("/strategies"));
  });

  it("outlive another version, and replace it only when asked to", async () => {
    let stored = STORED;
    const calls = stage("/strategies/strangle/edit", {
      ...surroundings(),
      "GET /api/strategies/strangle": () => ({ body: stored }),
      "PUT /api/strategies/strangle": ({ query }) =>
        query === `?replaces=${stored.version}` ? { body: { ...stored, version: stored.version + 1 } } : { status: 409, body: { message: `version ${stored.version} is stored`, problems: [] } },
    });
    await retype((await form()).getByLabelText("Name"), "Mine");
    stored = { ...STORED, version: 5, definition: { ...STORED.definition, product: "NRML" } };
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText(/version 5 is stored\./)).toBeTruthy();
    expect(screen.getByText(/differs from it in: name, product/)).toBeTruthy();
    expect((await form()).getByLabelText<HTMLInputElement>("Name").value).toBe("Mine");
    await userEvent.click(screen.getByRole("button", { name: "Go on with mine" }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(put(calls).map(({ query }) => query)).toEqual(["?replaces=1", "?replaces=5"]));
  });

  it("of a new strategy keep their id when it is not known whether it was stored", async () => {
    let known = [STORED];
    const lost = strategyOf("short-straddle");
    const calls = stage("/strategies/new?template=short-straddle", {
      ...surroundings(),
      "GET /api/strategies": () => ({ body: known }),
      "PUT /api/strategies/short-straddle": () => {
        if (known.includes(lost)) return { status: 409, body: { message: "version 1 is stored", problems: [] } };
        known = [STORED, lost];
        return { status: 504, body: {} };
      },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Save" }));
    await screen.findByText(/went wrong/);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("link", { name: "look at short-straddle" })).toBeTruthy();
    expect(new Set(put(calls).map(({ path }) => path))).toEqual(new Set(["/api/strategies/short-straddle"]));
  });
});

describe("the preview", () => {
  it("shows contracts, lots, rounding, margin, payoff, next runs and warnings as the API says them", async () => {
    stage("/strategies/strangle/edit", surroundings(AT_MARKET));
    const panel = within(await screen.findByRole("region", { name: "Preview" }));
    expect(await panel.findByText("1. Sell NIFTY 24NOV26 24700 CE")).toBeTruthy();
    expect(panel.getByText("no price")).toBeTruthy();
    expect(panel.getByText("IV 12.3 %")).toBeTruthy();
    expect(panel.getByText("legs[1]: 1.5 lots became 1")).toBeTruthy();
    expect(panel.getByText("₹1,45,000.00")).toBeTruthy();
    expect(panel.getByText("unlimited")).toBeTruthy();
    expect(panel.getByText(/no run: Guru Nanak Jayanti/)).toBeTruthy();
    expect(panel.getByText("expiry of leg 1, 2")).toBeTruthy();
    expect(panel.getByText(/the contracts of zerodha are those of/)).toBeTruthy();
    expect(panel.getByText(/quotes of Kite/)).toBeTruthy();
    const row = await legOf(1);
    expect(row.getByText("NIFTY 24NOV26 24700 CE")).toBeTruthy();
    expect(row.getByText("₹102.50")).toBeTruthy();
    expect(row.getByText("Lots: Kite 1")).toBeTruthy();
  });

  it("shows the days on which it runs in the months of the schedule, and why not on others", async () => {
    stage("/strategies/strangle/edit", surroundings(AT_MARKET));
    const month = within(await screen.findByRole("table", { name: "November 2026" }));
    expect(month.getByRole("cell", { name: /^23\s*: .*runs 09:20 to 15:15/ })).toBeTruthy();
    expect(month.getByRole("cell", { name: /no run: Guru Nanak Jayanti; expiry of leg 1, 2/ })).toBeTruthy();
    expect(screen.getByText("Tue 24 Nov 2026: Guru Nanak Jayanti")).toBeTruthy();
  });

  it("says busy from a change until its answer is there, and keeps the contract of a leg that was not changed", async () => {
    stage("/strategies/strangle/edit", surroundings(AT_MARKET));
    expect((await legOf(1)).getByText("NIFTY 24NOV26 24700 CE")).toBeTruthy();
    const panel = await screen.findByRole("region", { name: "Preview" });
    await waitFor(() => expect(panel.getAttribute("aria-busy")).toBe("false"));
    await userEvent.selectOptions((await legOf(2)).getByLabelText("Side"), "BUY");
    expect(panel.getAttribute("aria-busy")).toBe("true");
    expect((await legOf(1)).getByText("NIFTY 24NOV26 24700 CE")).toBeTruthy();
    expect((await legOf(2)).queryByText("NIFTY 24NOV26 24300 PE")).toBeNull();
  });

  it("describes its curve, reads it at a level by the keyboard, and has it as a table", async () => {
    stage("/strategies/strangle/edit", surroundings(AT_MARKET));
    const chart = await screen.findByRole("img", { name: /Breakeven at 24,210.10 and 24,810.25/ });
    expect(chart.querySelectorAll("polyline")).toHaveLength(2);
    const level = screen.getByRole("slider", { name: "Level of the underlying" });
    expect(level.getAttribute("aria-valuetext")).toBe("24,512.35: at expiry +₹7,500.50, today +₹120.00");
    fireEvent.change(level, { target: { value: "0" } });
    expect(level.getAttribute("aria-valuetext")).toContain("−₹12,500.00");
    expect(within(screen.getByRole("region", { name: "Payoff by the level of the underlying" })).getAllByRole("row")).toHaveLength(4);
  });

  it("is asked once changes have settled, and shows at the fields what it found", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      const found = { ...NOTHING, problems: ["name: is blank or has control characters; write plain text on one line"] };
      const calls = stage("/strategies/strangle/edit", { ...surroundings(), [PREVIEW]: ({ body }) => ({ body: (body as Definition).name.trim() ? NOTHING : found }) });
      const asked = () => calls.filter(({ path }) => path.endsWith("/preview")).length;
      const name = (await form()).getByLabelText("Name");
      await waitFor(() => expect(asked()).toBeGreaterThan(0));
      const before = asked();
      fireEvent.change(name, { target: { value: "x" } });
      fireEvent.change(name, { target: { value: " " } });
      expect(asked()).toBe(before);
      await act(() => vi.advanceTimersByTimeAsync(2_000));
      await waitFor(() => expect(name.getAttribute("aria-invalid")).toBe("true"));
      expect(asked()).toBe(before + 1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("that fails says so without doubt about what was stored, and keeps what it had", async () => {
    let up = true;
    stage("/strategies/strangle/edit", { ...surroundings(), [PREVIEW]: () => (up ? { body: AT_MARKET } : { status: 503, body: {} }) });
    const panel = within(await screen.findByRole("region", { name: "Preview" }));
    await panel.findByText("1. Sell NIFTY 24NOV26 24700 CE");
    up = false;
    await userEvent.click(panel.getByRole("button", { name: "Refresh" }));
    expect(await panel.findByRole("alert")).toBeTruthy();
    expect(panel.queryByText(/It is not known whether/)).toBeNull();
    expect(panel.getByText("1. Sell NIFTY 24NOV26 24700 CE")).toBeTruthy();
  });
});

describe("versions", () => {
  it("differ by what they say, not by the order of their keys", () => {
    expect(differing({ a: { x: 1, y: 2 }, b: [1] }, { b: [2], a: { y: 2, x: 1 }, c: null })).toEqual(["b", "c"]);
  });
});
