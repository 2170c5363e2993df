import { configure, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { HostedAuth } from "@/lib/config";

import { IDENTITY, stage } from "../../tests/stage";

configure({ asyncUtilTimeout: 5_000 });

const CHALLENGE = { ChallengeName: "SOFTWARE_TOKEN_MFA", ChallengeParameters: { USER_ID_FOR_SRP: "user-1" }, Session: "session-1" };
const TOKENS = { AuthenticationResult: { AccessToken: "access-1", IdToken: "", RefreshToken: "refresh-1", ExpiresIn: 3600 } };
const HOSTED: HostedAuth = { kind: "hosted", domain: "legwise.auth.example", client_id: "client-1", scopes: ["openid"], identity: IDENTITY };

describe("the sign-in page of a laptop", () => {
  it("says how accounts come into being where no e-mail is sent", async () => {
    stage("/sign-in", {}, { signedIn: false });
    expect(await screen.findByText(/an account cannot be made here/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Sign in as the demo user" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Create an account" })).toBeNull();
  });

  it("asks for the code of an authenticator app, tells a wrong one, and lets one in with the right one", async () => {
    let codes = 0;
    const calls = stage(
      "/sign-in?to=/settings",
      {
        "POOL InitiateAuth": () => ({ body: CHALLENGE }),
        "POOL RespondToAuthChallenge": () => (++codes === 1 ? { status: 400, body: { __type: "CodeMismatchException", message: "Invalid code received for user" } } : { body: TOKENS }),
      },
      { signedIn: false },
    );
    await userEvent.click(await screen.findByRole("button", { name: "Sign in as the demo user" }));
    const field = await screen.findByLabelText("Code of the authenticator app");
    expect(document.activeElement).toBe(field);
    await userEvent.type(field, "000000{Enter}");
    expect(await screen.findByText("The code does not fit.", { exact: false })).toBeTruthy();
    await userEvent.clear(field);
    await userEvent.type(field, "123456{Enter}");
    await waitFor(() => expect(location.pathname).toBe("/settings"));
    expect(calls.filter(({ path }) => path === "RespondToAuthChallenge").map(({ body }) => (body as { ChallengeResponses: object }).ChallengeResponses)).toEqual([
      { USERNAME: "user-1", SOFTWARE_TOKEN_MFA_CODE: "000000" },
      { USERNAME: "user-1", SOFTWARE_TOKEN_MFA_CODE: "123456" },
    ]);
  });

  it("goes back from the code to the password", async () => {
    stage("/sign-in", { "POOL InitiateAuth": () => ({ body: CHALLENGE }) }, { signedIn: false });
    await userEvent.click(await screen.findByRole("button", { name: "Sign in as the demo user" }));
    await userEvent.click(await screen.findByRole("button", { name: "Back to the password" }));
    expect(screen.getByLabelText("Password")).toBeTruthy();
  });
});

describe("the sign-in page of a deployment", () => {
  it("offers to sign in, to make an account, and to replace a forgotten password", async () => {
    stage("/sign-in", {}, { signedIn: false, auth: HOSTED });
    expect(await screen.findByRole("button", { name: "Sign in" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Create an account" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Forgot the password?" })).toBeTruthy();
    expect(screen.queryByLabelText("Password")).toBeNull();
  });
});
