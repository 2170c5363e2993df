import { configure, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";

import { currentToasts, dismiss } from "@/components/ui/toasts";

import { IDENTITY, stage } from "../../../../tests/stage";

// The code of a page is loaded when it is opened: the first time takes a while.
configure({ asyncUtilTimeout: 5_000 });

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const refused = (__type: string, message: string) => ({ status: 400, body: { __type, message } });
const getUser = (on: boolean) => ({ "POOL GetUser": () => ({ body: { Username: "u", UserAttributes: [], ...(on && { UserMFASettingList: ["SOFTWARE_TOKEN_MFA"] }) } }) });
const open = (answers: Parameters<typeof stage>[1], more?: Parameters<typeof stage>[2]) => stage("/settings?tab=security", answers, more);
const card = async (name: string) => within(await screen.findByRole("region", { name }));
const asked = (calls: ReturnType<typeof stage>) => calls.filter(({ method }) => method === "POOL").map(({ path }) => path);

afterEach(() => currentToasts().forEach(({ id }) => dismiss(id)));

describe("the authenticator app", () => {
  it("shows that it loads, then whether it is on", async () => {
    open(getUser(true));
    expect(await screen.findByText("Your authenticator app is loading")).toBeTruthy();
    expect((await card("Authenticator app")).getByText("On")).toBeTruthy();
  });

  it("says what failed, and asks again", async () => {
    let up = false;
    open({ "POOL GetUser": () => (up ? { body: { Username: "u" } } : { status: 503, body: {} }) });
    const retry = await screen.findByRole("button", { name: "Try again" });
    expect(screen.getByText("The user pool does not answer.")).toBeTruthy();
    up = true;
    await userEvent.click(retry);
    expect((await card("Authenticator app")).getByText("Off")).toBeTruthy();
  });

  it("stays when it cannot be asked about again, and that is said", async () => {
    let up = true;
    open({ "POOL GetUser": () => (up ? getUser(true)["POOL GetUser"]() : { status: 503, body: {} }), "POOL SetUserMFAPreference": () => refused("TooManyRequestsException", "Rate exceeded") });
    await userEvent.click((await card("Authenticator app")).getByRole("button", { name: "Turn off" }));
    up = false;
    await userEvent.click(await screen.findByRole("button", { name: "Turn off the authenticator app" }));
    expect(await screen.findByText("Too many attempts.", { exact: false })).toBeTruthy();
    expect(await screen.findByText("The user pool does not answer.")).toBeTruthy();
    expect((await card("Authenticator app")).getByText("On")).toBeTruthy();
  });

  it("is on only after a code of the new key fits; a wrong one is told at its field", async () => {
    let on = false;
    let codes = 0;
    const calls = open({
      "POOL GetUser": () => getUser(on)["POOL GetUser"](),
      "POOL AssociateSoftwareToken": () => ({ body: { SecretCode: SECRET, Session: "s" } }),
      "POOL VerifySoftwareToken": () => (++codes === 1 ? refused("EnableSoftwareTokenMFAException", "Code mismatch") : { body: { Status: "SUCCESS" } }),
      "POOL SetUserMFAPreference": () => ((on = true), { body: {} }),
    });
    await userEvent.click((await card("Authenticator app")).getByRole("button", { name: "Set up" }));
    const field = await screen.findByLabelText("Code of the authenticator app");
    expect(screen.getByLabelText("Key").textContent).toBe(SECRET);
    expect(await screen.findByRole("img", { name: "QR code of the key" })).toBeTruthy();
    expect(screen.getByRole("link", { name: "Open in an app on this device" }).getAttribute("href")).toBe(`otpauth://totp/Legwise%20local:demo%40example.com?secret=${SECRET}&issuer=Legwise%20local`);
    await userEvent.type(field, "12 34");
    await userEvent.click(screen.getByRole("button", { name: "Turn on" }));
    expect(asked(calls)).not.toContain("VerifySoftwareToken");
    await userEvent.type(field, "56{Enter}");
    await waitFor(() => expect(field.getAttribute("aria-invalid")).toBe("true"));
    expect(screen.getByText("The code does not fit.", { exact: false })).toBeTruthy();
    expect(asked(calls)).not.toContain("SetUserMFAPreference");
    await userEvent.click(screen.getByRole("button", { name: "Turn on" }));
    expect(await screen.findByText("The authenticator app is on.")).toBeTruthy();
    expect((await card("Authenticator app")).getByText("On")).toBeTruthy();
    expect(calls.find(({ path }) => path === "VerifySoftwareToken")?.body).toEqual({ AccessToken: "access-1", UserCode: "123456" });
  });

  it("does not send a code again when only turning on failed", async () => {
    let tries = 0;
    const calls = open({
      ...getUser(false),
      "POOL AssociateSoftwareToken": () => ({ body: { SecretCode: SECRET } }),
      "POOL VerifySoftwareToken": () => ({ body: { Status: "SUCCESS" } }),
      "POOL SetUserMFAPreference": () => (++tries === 1 ? refused("TooManyRequestsException", "Rate exceeded") : { body: {} }),
    });
    await userEvent.click((await card("Authenticator app")).getByRole("button", { name: "Set up" }));
    await userEvent.type(await screen.findByLabelText("Code of the authenticator app"), "123456{Enter}");
    expect(await screen.findByText("Too many attempts.", { exact: false })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Turn on" }));
    expect(await screen.findByText("The authenticator app is on.")).toBeTruthy();
    expect(asked(calls).filter((operation) => operation === "VerifySoftwareToken")).toHaveLength(1);
  });

  it("copies the key without the gaps", async () => {
    const user = userEvent.setup();
    const written = vi.spyOn(navigator.clipboard, "writeText");
    open({ ...getUser(false), "POOL AssociateSoftwareToken": () => ({ body: { SecretCode: SECRET } }) });
    await user.click((await card("Authenticator app")).getByRole("button", { name: "Set up" }));
    await user.click(await screen.findByRole("button", { name: "Copy the key" }));
    expect(written).toHaveBeenCalledWith(SECRET);
    expect(await screen.findByText("Copied")).toBeTruthy();
  });

  it("is turned off only after one has said so", async () => {
    let on = true;
    const calls = open({ "POOL GetUser": () => getUser(on)["POOL GetUser"](), "POOL SetUserMFAPreference": () => ((on = false), { body: {} }) });
    await userEvent.click((await card("Authenticator app")).getByRole("button", { name: "Turn off" }));
    const question = within(await screen.findByRole("alertdialog"));
    expect(asked(calls)).not.toContain("SetUserMFAPreference");
    await userEvent.click(question.getByRole("button", { name: "Turn off the authenticator app" }));
    expect((await card("Authenticator app")).getByText("Off")).toBeTruthy();
    expect(calls.find(({ path }) => path === "SetUserMFAPreference")?.body).toEqual({ AccessToken: "access-1", SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false } });
  });

  it("is not offered where the pool has none", async () => {
    const calls = open({}, { identity: { ...IDENTITY, second_factor: false } });
    expect(await screen.findByText("has no second factor", { exact: false })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Set up" })).toBeNull();
    expect(asked(calls)).toEqual([]);
  });

  it("says so where the configuration is older than the pages", async () => {
    open({}, { identity: null });
    expect(await screen.findByText("Not known where the sign-in is changed")).toBeTruthy();
  });
});

describe("the password", () => {
  const fill = async (before: string, next: string, again = next) => {
    const form = within(await screen.findByRole("form", { name: "Change the password" }));
    if (before) await userEvent.type(form.getByLabelText("Current password"), before);
    if (next) await userEvent.type(form.getByLabelText("New password"), next);
    if (again) await userEvent.type(form.getByLabelText("New password again"), again);
    await userEvent.click(form.getByRole("button", { name: "Change the password" }));
    return form;
  };

  it("ticks what the new one has while one types, and is not sent before it has all", async () => {
    const calls = open(getUser(false));
    const form = await fill("Demo-trader-2026", "Demo-trader");
    const rules = within(form.getByRole("list", { name: "A new password needs" })).getAllByRole("listitem");
    expect(rules.filter((rule) => rule.textContent.endsWith("still missing")).map((rule) => rule.textContent)).toEqual(["at least 12 characters: still missing", "a digit: still missing"]);
    expect(form.getByText("It needs all of what is listed below.")).toBeTruthy();
    expect(asked(calls)).not.toContain("ChangePassword");
  });

  it("is not sent when the two new ones differ, or the old one is missing", async () => {
    const calls = open(getUser(false));
    const form = await fill("", "Demo-trader-2027", "Demo-trader-2028");
    expect(form.getByText("The two are not the same.")).toBeTruthy();
    expect(form.getByText("Enter your current password.")).toBeTruthy();
    expect(asked(calls)).not.toContain("ChangePassword");
  });

  it("is changed at the pool, and forgotten by the page", async () => {
    const calls = open({ ...getUser(false), "POOL ChangePassword": () => ({ body: {} }) });
    const form = await fill("Demo-trader-2026", "Demo-trader-2027");
    expect(await screen.findByText("The password is changed.")).toBeTruthy();
    expect(calls.find(({ path }) => path === "ChangePassword")?.body).toEqual({ AccessToken: "access-1", PreviousPassword: "Demo-trader-2026", ProposedPassword: "Demo-trader-2027" });
    expect(form.getByLabelText<HTMLInputElement>("New password").value).toBe("");
  });

  it.each([
    ["NotAuthorizedException", "Incorrect username or password.", "That is not your current password.", "Current password"],
    ["InvalidPasswordException", "Password did not conform with policy: Password must have symbol characters", "Password must have symbol characters", "New password"],
  ])("tells %s at its field, and keeps what was typed", async (type, message, words, label) => {
    open({ ...getUser(false), "POOL ChangePassword": () => refused(type, message) });
    const form = await fill("Demo-trader-2026", "Demo-trader-2027");
    expect(await form.findByText(words, { exact: false })).toBeTruthy();
    expect(form.getByLabelText(label).getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(form.getByLabelText(label));
    expect(form.getByLabelText<HTMLInputElement>("New password").value).toBe("Demo-trader-2027");
  });

  it("says that too many were tried", async () => {
    open({ ...getUser(false), "POOL ChangePassword": () => refused("LimitExceededException", "Attempt limit exceeded, please try after some time.") });
    await fill("Demo-trader-2026", "Demo-trader-2027");
    expect(await screen.findByText("Too many attempts.", { exact: false })).toBeTruthy();
  });

  it("says that it is not known whether it is changed when no answer came", async () => {
    open({ ...getUser(false), "POOL ChangePassword": () => ({ status: 502, body: {} }) });
    await fill("Demo-trader-2026", "Demo-trader-2027");
    expect(await screen.findByText("It is not known whether it was done", { exact: false })).toBeTruthy();
  });
});
