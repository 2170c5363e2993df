import { describe, expect, it, vi } from "vitest";

import { createAuth } from "./auth";

const config = { environment: "local", region: "ap-south-1", api: "/api" };
const direct = { kind: "direct", endpoint: "/cognito/", client_id: "client-1", identity: null, demo: { username: "demo@example.com", password: "pass" } } as const;

function poolAnswers(...answers: [number, unknown][]): { target: string | null; body: unknown }[] {
  const asked: { target: string | null; body: unknown }[] = [];
  vi.stubGlobal("fetch", (_url: string, init: { headers: Record<string, string>; body: string }) => {
    asked.push({ target: init.headers["X-Amz-Target"] ?? null, body: JSON.parse(init.body) });
    const [status, body] = answers.shift() ?? [500, {}];
    return Promise.resolve(Response.json(body, { status }));
  });
  return asked;
}

describe("sign-in on a laptop", () => {
  it("asks the pool by user name and password", async () => {
    const asked = poolAnswers([200, { AuthenticationResult: { AccessToken: "access", RefreshToken: "refresh", ExpiresIn: 3600 } }]);
    const auth = createAuth({ ...config, auth: direct });
    await auth.signIn({ returnTo: "/", ...direct.demo });
    expect(auth.state().status).toBe("signed-in");
    expect(await auth.getToken()).toBe("access");
    expect(asked).toEqual([
      {
        target: "AWSCognitoIdentityProviderService.InitiateAuth",
        body: { ClientId: "client-1", AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME: "demo@example.com", PASSWORD: "pass" } },
      },
    ]);
  });

  it("tells what the pool refused, and what it cannot answer", async () => {
    poolAnswers([400, { message: "Incorrect username or password." }], [200, { ChallengeName: "NEW_PASSWORD_REQUIRED" }]);
    const auth = createAuth({ ...config, auth: direct });
    await expect(auth.signIn({ returnTo: "/" })).rejects.toThrow("Incorrect username or password.");
    await expect(auth.signIn({ returnTo: "/" })).rejects.toThrow("NEW_PASSWORD_REQUIRED");
    expect(auth.state().status).toBe("signed-out");
  });

  describe("of somebody with an authenticator app", () => {
    const challenge = {
      ChallengeName: "SOFTWARE_TOKEN_MFA",
      ChallengeParameters: { FRIENDLY_DEVICE_NAME: "", USER_ID_FOR_SRP: "9a4baf5f-eed8-4a90-b9e3-b947ea358e73" },
      Session: "AYABeC9",
    };

    it("is answered by a code, for the user and the session that the pool named", async () => {
      const asked = poolAnswers([200, challenge], [200, { AuthenticationResult: { AccessToken: "access", RefreshToken: "refresh", ExpiresIn: 3600 } }]);
      const auth = createAuth({ ...config, auth: direct });
      const wanted = await auth.signIn({ returnTo: "/", ...direct.demo });
      expect(auth.state().status).toBe("signed-out");
      expect(sessionStorage).toHaveLength(0);
      await wanted?.answer("123456");
      expect(auth.state().status).toBe("signed-in");
      expect(asked[1]).toEqual({
        target: "AWSCognitoIdentityProviderService.RespondToAuthChallenge",
        body: {
          ClientId: "client-1",
          ChallengeName: "SOFTWARE_TOKEN_MFA",
          Session: "AYABeC9",
          ChallengeResponses: { USERNAME: "9a4baf5f-eed8-4a90-b9e3-b947ea358e73", SOFTWARE_TOKEN_MFA_CODE: "123456" },
        },
      });
    });

    it("takes another code after one that does not fit, and says what is wrong with each", async () => {
      poolAnswers(
        [200, challenge],
        [400, { __type: "CodeMismatchException", message: "Invalid code received for user" }],
        [400, { __type: "ExpiredCodeException", message: "Your software token has already been used once." }],
        [400, { __type: "NotAuthorizedException", message: "Invalid session for the user, session is expired." }],
      );
      const wanted = await createAuth({ ...config, auth: direct }).signIn({ returnTo: "/", ...direct.demo });
      await expect(wanted?.answer("000000")).rejects.toThrow("The code does not fit.");
      await expect(wanted?.answer("000000")).rejects.toThrow("used already");
      await expect(wanted?.answer("000000")).rejects.toThrow("came too late");
    });
  });

  it("says that too many passwords were tried", async () => {
    poolAnswers([400, { __type: "NotAuthorizedException", message: "Password attempts exceeded" }]);
    await expect(createAuth({ ...config, auth: direct }).signIn({ returnTo: "/" })).rejects.toThrow("Too many attempts.");
  });

  it("refreshes with the same refresh token, since none comes back", async () => {
    const result = { AccessToken: "access", RefreshToken: "refresh", ExpiresIn: 30 };
    const asked = poolAnswers([200, { AuthenticationResult: result }], [200, { AuthenticationResult: { AccessToken: "access-2", ExpiresIn: 3600 } }]);
    const auth = createAuth({ ...config, auth: direct });
    await auth.signIn({ returnTo: "/", ...direct.demo });
    expect(await auth.getToken()).toBe("access-2");
    expect(asked[1]?.body).toEqual({ ClientId: "client-1", AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN: "refresh" } });
    expect(sessionStorage.getItem("legwise.refresh")).toBe("refresh");
  });
});
