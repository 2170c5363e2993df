import { configure, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";

import type { Account, Schemas } from "@/api/types";
import { currentToasts, dismiss } from "@/components/ui/toasts";
import { theme } from "@/lib/theme";

import { stage } from "../../../tests/stage";
import type { Limits } from "./limits";

// The code of a page is loaded when it is opened: the first time takes a while.
configure({ asyncUtilTimeout: 5_000 });

const KITE: Account = {
  account_id: "kite",
  broker: "zerodha",
  label: "Kite",
  client_id: "AB1234",
  enabled: true,
  egress: "default",
  algo_id: "",
  algo_name: "",
  quotes_from: "",
  session: "active",
  session_expires_at: null,
  will_not_trade: null,
};
const ME: Schemas["MeAnswer"] = { user_id: "user-1", environment: "local", halted: null, accounts: [KITE] };
const LIMITS: Limits = {
  version: 1,
  definition: { user: { max_lots_per_day: 40 }, accounts: {} },
  today: {
    date: "2026-11-23",
    money: { lots: 12, orders: 6, realised: "-1250.50" },
    paper: { lots: 3, orders: 2, realised: null },
    accounts: { kite: { lots: 12, orders: 6, realised: "-1250.50" } },
  },
};
const me = { "GET /api/me": () => ({ body: ME }) };
const stored = (limits: Limits = LIMITS) => ({ ...me, "GET /api/limits": () => ({ body: limits }) });
const lotsOfADay = async () => within(await screen.findByRole("region", { name: "All accounts" })).getByLabelText(/^Lots entered on a day/);
const save = () => screen.getByRole("button", { name: "Save the limits" });

async function type(field: HTMLElement, text: string) {
  await userEvent.clear(field);
  if (text) await userEvent.type(field, text);
}

afterEach(() => currentToasts().forEach(({ id }) => dismiss(id)));

describe("the profile", () => {
  it("shows that it loads, then who is signed in and whether entries are held back", async () => {
    stage("/settings", { "GET /api/me": () => ({ body: { ...ME, halted: "halted (user): on holiday" } }) });
    expect(await screen.findByText("Your profile is loading")).toBeTruthy();
    expect(await screen.findByRole("heading", { name: "demo@example.com" })).toBeTruthy();
    expect(screen.getByText("halted (user): on holiday")).toBeTruthy();
    expect(screen.getByText("user-1")).toBeTruthy();
  });

  it("says what failed, loads again, and lets one out all the same", async () => {
    let up = false;
    stage("/settings", { "GET /api/me": () => (up ? { body: ME } : { status: 503, body: {} }) });
    const retry = await within(await screen.findByRole("main")).findByRole("button", { name: "Try again" });
    expect(screen.getByRole("button", { name: "Sign out" })).toBeTruthy();
    up = true;
    await userEvent.click(retry);
    expect(await screen.findByText("user-1")).toBeTruthy();
  });

  it("shows when the sign-in was and when it ends, where that is known", async () => {
    sessionStorage.setItem("legwise.signed-in-at", String(Date.parse("2026-01-05T09:20:00+05:30")));
    stage("/settings", me);
    expect(await screen.findByText("Mon 5 Jan 2026, 09:20 IST")).toBeTruthy();
    expect(screen.getByText("Wed 4 Feb 2026, 09:20 IST, or when this tab is closed")).toBeTruthy();
  });

  it("does not guess when the sign-in ends", async () => {
    stage("/settings", me);
    expect(await screen.findByText("user-1")).toBeTruthy();
    expect(screen.queryByText("Sign-in ends")).toBeNull();
  });

  it("signs out", async () => {
    stage("/settings", me);
    await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
    await waitFor(() => expect(sessionStorage.getItem("legwise.refresh")).toBeNull());
  });
});

describe("the appearance", () => {
  it("is chosen here, and the menu says the same", async () => {
    stage("/settings?tab=appearance", me);
    await userEvent.click(await screen.findByRole("radio", { name: "Dark" }));
    expect(theme()).toBe("dark");
    expect(document.documentElement.classList.contains("dark")).toBe(true);
    expect(screen.getByRole("button", { name: "Theme: Dark" })).toBeTruthy();
    await userEvent.click(screen.getByRole("radio", { name: "As the system" }));
    expect(theme()).toBe("system");
  });
});

describe("the risk limits", () => {
  it("show that they load, then the limits and what today has used, money and paper apart", async () => {
    stage("/settings?tab=limits", stored());
    expect(await screen.findByText("Your limits are loading")).toBeTruthy();
    const field = await lotsOfADay();
    expect((field as HTMLInputElement).value).toBe("40");
    expect(screen.getByText("Today with money: 12 lots")).toBeTruthy();
    expect(screen.getByText("Today on paper: 2 orders")).toBeTruthy();
    expect(screen.getByText(/Today with money: −₹1,250.50 realised/)).toBeTruthy();
    expect(screen.getByText(/Today on paper: not known realised/)).toBeTruthy();
  });

  it("say that none is set where none is", async () => {
    stage("/settings?tab=limits", stored({ ...LIMITS, version: 0, definition: { user: {}, accounts: {} } }));
    expect(await screen.findByText("No limit is set yet.", { exact: false })).toBeTruthy();
    expect(save().hasAttribute("disabled")).toBe(true);
  });

  it("say what failed, and load again", async () => {
    let up = false;
    stage("/settings?tab=limits", { ...me, "GET /api/limits": () => (up ? { body: LIMITS } : { status: 503, body: {} }) });
    const retry = await within(await screen.findByRole("main")).findByRole("button", { name: "Try again" });
    up = true;
    await userEvent.click(retry);
    expect(await lotsOfADay()).toBeTruthy();
  });

  it("are stored as whole numbers and untouched amounts, over the version that was read", async () => {
    const calls = stage("/settings?tab=limits", {
      ...stored(),
      "PUT /api/limits": ({ body }) => ({ body: { ...LIMITS, version: 2, definition: body } }),
    });
    await type(await lotsOfADay(), "25");
    await type(screen.getByLabelText(/^Loss on a day/), "5000.50");
    await userEvent.click(screen.getByRole("button", { name: "Add" }));
    const kite = screen.getByRole("region", { name: "Kite" });
    expect(within(kite).getByText("Today: 12 lots")).toBeTruthy();
    await type(within(kite).getByLabelText(/^Orders on a day/), "9");
    await userEvent.click(save());
    expect(await screen.findByText("The limits are saved.")).toBeTruthy();
    const [put] = calls.filter(({ method }) => method === "PUT");
    expect(put?.query).toBe("?replaces=1");
    expect(put?.body).toMatchObject({ user: { max_lots_per_day: 25, max_loss_per_day: "5000.50", max_orders_per_day: null }, accounts: { kite: { max_orders_per_day: 9 } } });
  });

  it("are refused at the field before they are sent", async () => {
    const calls = stage("/settings?tab=limits", stored());
    await type(await lotsOfADay(), "2.5");
    await userEvent.click(save());
    expect(await screen.findByText("Nothing was saved: one field needs another value.")).toBeTruthy();
    const field = await lotsOfADay();
    expect(field.getAttribute("aria-invalid")).toBe("true");
    const told = (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent);
    expect(told).toContain("Write a whole number above 0, or nothing for no limit.");
    expect(calls.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  it("tell what the API refuses at its field", async () => {
    const refusal = { message: "the request does not fit", problems: ["user.max_lots_per_day: is too large; choose at most 1000000"] };
    stage("/settings?tab=limits", { ...stored(), "PUT /api/limits": () => ({ status: 422, body: refusal }) });
    await type(await lotsOfADay(), "2000000");
    await userEvent.click(save());
    expect(await screen.findByText("is too large; choose at most 1000000")).toBeTruthy();
    expect((await lotsOfADay()).getAttribute("aria-invalid")).toBe("true");
  });

  it("keep what was typed when another version is stored, show both, and save over it only when asked", async () => {
    let latest: Limits = LIMITS;
    const calls = stage("/settings?tab=limits", {
      ...me,
      "GET /api/limits": () => ({ body: latest }),
      "PUT /api/limits": ({ query, body }) => {
        if (query === `?replaces=${latest.version}`) return { body: (latest = { ...latest, version: latest.version + 1, definition: body as Limits["definition"] }) };
        return { status: 409, body: { message: "you changed version 1, but version 2 is stored; load it and redo", problems: [] } };
      },
    });
    await type(await lotsOfADay(), "25");
    latest = { ...LIMITS, version: 2, definition: { user: { max_lots_per_day: 30 }, accounts: {} } };
    await userEvent.click(save());
    const banner = await screen.findByRole("alert", { name: "Changed elsewhere" });
    expect(within(banner).getAllByRole("row")[1]?.textContent).toBe("All accounts: Lots entered on a day3025");
    expect(((await lotsOfADay()) as HTMLInputElement).value).toBe("25");
    expect(save().hasAttribute("disabled")).toBe(true);
    await userEvent.click(within(banner).getByRole("button", { name: "Save mine in its place" }));
    expect(await screen.findByText("Version 3 is stored.")).toBeTruthy();
    expect(calls.filter(({ method }) => method === "PUT").map(({ query }) => query)).toEqual(["?replaces=1", "?replaces=2"]);
  });

  it("give way to what is stored when one wants that", async () => {
    let latest: Limits = LIMITS;
    stage("/settings?tab=limits", { ...me, "GET /api/limits": () => ({ body: latest }), "PUT /api/limits": () => ({ status: 409, body: { message: "another version is stored", problems: [] } }) });
    await type(await lotsOfADay(), "25");
    latest = { ...LIMITS, version: 2, definition: { user: { max_lots_per_day: 30 }, accounts: {} } };
    await userEvent.click(save());
    await userEvent.click(await screen.findByRole("button", { name: "Take what is stored" }));
    expect(((await lotsOfADay()) as HTMLInputElement).value).toBe("30");
    expect(screen.queryByRole("alert", { name: "Changed elsewhere" })).toBeNull();
  });

  it("outlive a look at another tab", async () => {
    stage("/settings?tab=limits", stored());
    await type(await lotsOfADay(), "25");
    await userEvent.click(screen.getByRole("tab", { name: "Appearance" }));
    expect(location.search).toBe("?tab=appearance");
    await userEvent.click(screen.getByRole("tab", { name: /^Risk limits/ }));
    expect(((await lotsOfADay()) as HTMLInputElement).value).toBe("25");
  });

  it("of an account that is not linked any more can be removed", async () => {
    const calls = stage("/settings?tab=limits", {
      ...stored({ ...LIMITS, definition: { user: {}, accounts: { gone: { max_lots_per_day: 1 } } } }),
      "PUT /api/limits": ({ body }) => ({ body: { ...LIMITS, version: 2, definition: body } }),
    });
    expect(await screen.findByText("not linked: remove its limits to save others")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Remove the limits of gone" }));
    await userEvent.click(save());
    expect(await screen.findByText("The limits are saved.")).toBeTruthy();
    expect(calls.find(({ method }) => method === "PUT")?.body).toMatchObject({ accounts: {} });
  });
});
