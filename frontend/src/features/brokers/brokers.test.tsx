import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import type { Account, Broker, EgressRoute } from "@/api/types";

import { stage } from "../../../tests/stage";
import { guideOf, idFrom } from "./guides";
import { callbackAnswer, webAddress } from "./pending_login";

const limits = { per_second: 10, per_minute: null, per_day: null, modifications: null };
const ZERODHA: Broker = {
  name: "zerodha",
  label: "Zerodha",
  fields: [
    { name: "api_key", label: "API key", secret: false, optional: false, help: "At developers.kite.trade, in the app" },
    { name: "api_secret", label: "API secret", secret: true, optional: false, help: "" },
  ],
  redirects: true,
  callback_path: "/brokers/callback",
  typed_code: false,
  limits,
  algo: ["id"],
};
const GROWW: Broker = {
  ...ZERODHA,
  name: "groww",
  label: "Groww",
  fields: [...ZERODHA.fields, { name: "totp_secret", label: "TOTP secret", secret: true, optional: true, help: "Under the QR code" }],
  redirects: false,
  callback_path: null,
  typed_code: true,
  algo: [],
};
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
  session_expires_at: new Date(Date.now() + 5 * 3_600_000).toISOString(),
  will_not_trade: null,
};

const ROUTES: EgressRoute[] = [
  { name: "default", address: null },
  { name: "family", address: "203.0.113.7" },
];
const brokers = { "GET /api/brokers": () => ({ body: [GROWW, ZERODHA] }), "GET /api/egress": () => ({ body: ROUTES }) };
const linked = (...accounts: Account[]) => ({ ...brokers, "GET /api/accounts": () => ({ body: accounts }) });

describe("the page Brokers", () => {
  it("asks for the sign-in first, offers the demo user, and goes on to where one wanted to", async () => {
    stage("/brokers", linked(KITE), { signedIn: false });
    await userEvent.click(await screen.findByRole("button", { name: "Sign in as the demo user" }));
    expect(await screen.findByRole("heading", { name: "Kite" })).toBeTruthy();
    expect(location.pathname).toBe("/brokers");
  });

  it("shows that it loads, then what to do where nothing is linked", async () => {
    stage("/brokers", linked());
    expect(await screen.findByText("Your accounts are loading")).toBeTruthy();
    expect(await screen.findByText("No account is linked yet")).toBeTruthy();
    expect(screen.getByRole("heading", { level: 1, name: "Brokers" })).toBeTruthy();
  });

  it("says what failed, and loads again", async () => {
    let up = false;
    stage("/brokers", { ...brokers, "GET /api/accounts": () => (up ? { body: [KITE] } : { status: 503, body: {} }) });
    const retry = await within(await screen.findByRole("main")).findByRole("button", { name: "Try again" });
    expect(screen.getByText("Legwise does not answer.")).toBeTruthy();
    up = true;
    await userEvent.click(retry);
    expect(await screen.findByText("AB1234", { exact: false })).toBeTruthy();
    await waitFor(() => expect(screen.queryByText("Legwise does not answer.")).toBeNull());
  });

  it("tells sessions in words, and why an account will not trade", async () => {
    const ended: Account = { ...KITE, session: "ended", will_not_trade: "the zerodha session of account kite ended; log in again" };
    stage("/brokers", linked(ended));
    expect(await screen.findByText("Session ended")).toBeTruthy();
    expect(screen.getByText(/Will not trade: the zerodha session/)).toBeTruthy();
  });

  it("shows what a test found", async () => {
    const body = { client_id: "AB1234", name: "Asha", available: "1234567.5", used: "0.00", milliseconds: 81, problems: [] };
    stage("/brokers", { ...linked(KITE), "POST /api/accounts/kite/test": () => ({ body }) });
    await userEvent.click(await screen.findByRole("button", { name: "Test" }));
    expect(await screen.findByText("₹12,34,567.50")).toBeTruthy();
  });

  it("disables an account, and tells why not", async () => {
    const refusal = { message: "the account is in use", problems: ["account kite has open runs today (condor)"] };
    const calls = stage("/brokers", { ...linked(KITE), "POST /api/accounts/kite/disable": () => ({ status: 422, body: refusal }) });
    await userEvent.click(await screen.findByRole("switch", { name: "Kite may trade" }));
    expect(await screen.findByText("account kite has open runs today (condor)")).toBeTruthy();
    expect(calls.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("unlinks after a question, and by force after another only", async () => {
    const refusal = { message: "the account is in use", problems: ["strategy condor trades through it"], force_helps: true };
    const remove = vi.fn(({ query }: { query: string }) =>
      query === "?force=true" ? { body: { removed: "kite" } } : { status: 422, body: refusal },
    );
    stage("/brokers", { ...linked(KITE), "DELETE /api/accounts/kite": remove });
    await userEvent.click(await screen.findByRole("button", { name: "More for Kite" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Unlink" }));
    const question = await screen.findByRole("alertdialog");
    await userEvent.click(within(question).getByRole("button", { name: "Unlink Kite" }));
    expect(await within(question).findByText("strategy condor trades through it")).toBeTruthy();
    await userEvent.click(within(question).getByRole("button", { name: "Unlink anyway" }));
    expect(await screen.findByText("Kite is unlinked.")).toBeTruthy();
    expect(remove.mock.calls.map(([{ query }]) => query)).toEqual(["?force=false", "?force=true"]);
  });

  it("offers no force where it would not help", async () => {
    const refusal = { message: "the account is in use", problems: ["run condor-20261123 (Condor) is open in it; wait until it is closed"], force_helps: false };
    stage("/brokers", { ...linked(KITE), "DELETE /api/accounts/kite": () => ({ status: 422, body: refusal }) });
    await userEvent.click(await screen.findByRole("button", { name: "More for Kite" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Unlink" }));
    const question = await screen.findByRole("alertdialog");
    await userEvent.click(within(question).getByRole("button", { name: "Unlink Kite" }));
    expect(await within(question).findByText(/wait until it is closed/)).toBeTruthy();
    expect(within(question).queryByRole("button", { name: "Unlink anyway" })).toBeNull();
  });

  it("shows the address to register for each egress route, and where there is none", async () => {
    stage("/brokers", linked({ ...KITE, egress: "family" }));
    const card = await screen.findByRole("region", { name: "Addresses to register" });
    expect(await within(card).findByText("203.0.113.7")).toBeTruthy();
    expect(within(card).getByText("Kite")).toBeTruthy();
    expect(within(card).getByText(/No static address is configured/)).toBeTruthy();
  });

  it("says that the addresses did not load, and loads them again", async () => {
    let up = false;
    stage("/brokers", { ...linked(KITE), "GET /api/egress": () => (up ? { body: ROUTES } : { status: 404, body: { message: "there is nothing at this path", problems: [] } }) });
    const card = await screen.findByRole("region", { name: "Addresses to register" });
    const retry = await within(card).findByRole("button", { name: "Try again" });
    up = true;
    await userEvent.click(retry);
    expect(await within(card).findByText("203.0.113.7")).toBeTruthy();
  });

  it("links through the route that is chosen, whose address is told first", async () => {
    const calls = stage("/brokers", { ...linked(KITE), "PUT /api/accounts/zerodha": () => ({ body: { ...KITE, account_id: "zerodha" } }) });
    await userEvent.click(await screen.findByRole("button", { name: "Link an account" }));
    const dialog = await screen.findByRole("dialog", { name: "Link an account" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Zerodha" }));
    expect(within(dialog).getByText(`${location.origin}/brokers/callback`)).toBeTruthy();
    expect(within(dialog).getByText("At developers.kite.trade, in the app")).toBeTruthy();
    await userEvent.click(within(dialog).getByText(/^More: egress route/));
    await userEvent.selectOptions(within(dialog).getByLabelText("Egress route"), "family (203.0.113.7)");
    expect(within(dialog).getByText("203.0.113.7")).toBeTruthy();
    await userEvent.type(within(dialog).getByLabelText("API key"), "k");
    await userEvent.type(within(dialog).getByLabelText("API secret"), "s");
    await userEvent.click(within(dialog).getByRole("button", { name: "Link it" }));
    await waitFor(() => expect(calls.find(({ method }) => method === "PUT")?.body).toMatchObject({ egress: "family" }));
  });

  it("links an account: hides its secrets, leaves out what is empty, offers the login", async () => {
    const calls = stage("/brokers", {
      ...linked(KITE),
      "PUT /api/accounts/groww": () => ({ body: { ...KITE, account_id: "groww", broker: "groww", label: "Groww", session: "none" } }),
    });
    await userEvent.click(await screen.findByRole("button", { name: "Link an account" }));
    const dialog = await screen.findByRole("dialog", { name: "Link an account" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Groww" }));
    expect(within(dialog).getByLabelText("API secret").getAttribute("type")).toBe("password");
    await userEvent.type(within(dialog).getByLabelText("API key"), " key-1 ");
    await userEvent.type(within(dialog).getByLabelText("API secret"), "secret-1");
    await userEvent.click(within(dialog).getByRole("button", { name: "Link it" }));
    expect(await within(dialog).findByRole("button", { name: "Log in now" })).toBeTruthy();
    expect(calls.find(({ method }) => method === "PUT")?.body).toEqual({
      broker: "groww",
      label: "Groww",
      egress: "default",
      credentials: { api_key: "key-1", api_secret: "secret-1" },
      algo_id: "",
      algo_name: "",
    });
  });

  it("shows at its field what the API said of it", async () => {
    const refusal = { message: "the request does not fit", problems: ["label: is blank or has control characters; write plain text on one line"] };
    stage("/brokers", { ...linked(), "PUT /api/accounts/zerodha": () => ({ status: 422, body: refusal }) });
    const page = await screen.findByRole("main");
    const [first] = await within(page).findAllByRole("button", { name: "Link an account" });
    await userEvent.click(first ?? page);
    const dialog = await screen.findByRole("dialog", { name: "Link an account" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Zerodha" }));
    await userEvent.type(within(dialog).getByLabelText("API key"), "k");
    await userEvent.type(within(dialog).getByLabelText("API secret"), "s");
    await userEvent.click(within(dialog).getByRole("button", { name: "Link it" }));
    await waitFor(() => expect(within(dialog).getByLabelText("Name").getAttribute("aria-invalid")).toBe("true"));
  });
});

describe("the frame", () => {
  it("says that there is no page", async () => {
    stage("/nowhere", {});
    expect(await screen.findByText("There is no page at this address")).toBeTruthy();
  });
});

describe("logins at brokers", () => {
  it("leave for the broker's page, and come back with all it brought and the state, once", async () => {
    const leave = vi.spyOn(location, "assign").mockImplementation(() => undefined);
    const login = { login_url: "https://kite.example/connect/login?v=3", state: "state-1" };
    stage("/brokers", { ...linked(KITE), "POST /api/accounts/kite/login": () => ({ body: login }) });
    await userEvent.click(await screen.findByRole("button", { name: "Log in again" }));
    await waitFor(() => expect(leave).toHaveBeenCalledWith(login.login_url));
    document.body.replaceChildren();

    const calls = stage("/brokers/callback?request_token=12e4&status=success&state=state-1", {
      ...linked(KITE),
      "POST /api/accounts/kite/session": () => ({ body: KITE }),
    });
    expect(await screen.findByText("Kite is logged in.")).toBeTruthy();
    const posts = calls.filter(({ method }) => method === "POST");
    expect(posts.map(({ body }) => body)).toEqual([{ request_token: "12e4", status: "success", state: "state-1" }]);
    await waitFor(() => expect(location.pathname + location.search).toBe("/brokers"));
  });

  it("without a page take a one-time password where the broker does", async () => {
    const grow: Account = { ...KITE, account_id: "grow", broker: "groww", label: "Grow", session: "ended" };
    const calls = stage("/brokers", { ...linked(grow), "POST /api/accounts/grow/session": () => ({ body: grow }) });
    await userEvent.click(await screen.findByRole("button", { name: "Log in" }));
    const dialog = await screen.findByRole("dialog", { name: "Log in Grow" });
    await userEvent.type(within(dialog).getByLabelText(/^One-time password/), "123456");
    await userEvent.click(within(dialog).getByRole("button", { name: "Log in" }));
    await waitFor(() => expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ totp: "123456" }));
  });

  it("without a page ask for nothing where the broker takes no password", async () => {
    const untyped: Broker = { ...GROWW, typed_code: false };
    const grow: Account = { ...KITE, account_id: "grow", broker: "groww", label: "Grow", session: "ended" };
    stage("/brokers", { ...linked(grow), "GET /api/brokers": () => ({ body: [untyped] }) });
    await userEvent.click(await screen.findByRole("button", { name: "Log in" }));
    const dialog = await screen.findByRole("dialog", { name: "Log in Grow" });
    expect(within(dialog).getByRole("button", { name: "Log in" })).toBeTruthy();
    expect(within(dialog).queryByLabelText(/^One-time password/)).toBeNull();
  });

  it("that did not begin here send nothing", async () => {
    const calls = stage("/brokers/callback?request_token=abc&state=made-up", linked(KITE));
    expect(await screen.findByText(/No login of an account began in this tab/)).toBeTruthy();
    expect(calls.filter(({ method }) => method === "POST")).toEqual([]);
    expect(location.search).toBe("");
  });

  it("of another state are refused, and a broker that brings none gets ours", () => {
    const pending = { account_id: "kite", state: "state-1", label: "Kite" };
    expect(() => callbackAnswer(new URLSearchParams("state=other"), pending)).toThrow("another login");
    expect(callbackAnswer(new URLSearchParams("tokenId=t"), pending).answer).toEqual({ tokenId: "t", state: "state-1" });
  });

  it("go to web pages only", () => expect(() => webAddress("javascript:alert(1)")).toThrow("no web address"));
});

describe("ids", () => {
  it.each([
    ["My Kite!", [], "my-kite"],
    ["Kite", ["kite", "kite-2"], "kite-3"],
    ["ज़ेरोधा", [], "account"],
    ["Z", [], "account-z"],
  ])("of %s fit the API", (label, taken, id) => {
    expect(idFrom(label, taken)).toBe(id);
    expect(idFrom(label.repeat(30), taken)).toMatch(/^[a-z0-9][a-z0-9-]{1,39}$/);
  });

  it("of a broker without a guide need none", () => expect(guideOf("new-broker").steps).toEqual([]));
});
