import { describe, expect, it, vi } from "vitest";

import { IDENTITY } from "../../tests/stage";
import { ownAccount, WrongPassword } from "./own_account";

type Asked = { url: string; operation: string | undefined; body: Record<string, unknown> };

/** As Cognito writes its documents. */
const refusal = (__type: string, message: string): [number, unknown] => [400, { __type, message }];

function account(...answers: [number, unknown][]) {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", (url: string, init: { headers: Record<string, string>; body: string }) => {
    asked.push({ url, operation: init.headers["X-Amz-Target"]?.replace("AWSCognitoIdentityProviderService.", ""), body: JSON.parse(init.body) as Record<string, unknown> });
    const [status, body] = answers.shift() ?? [500, {}];
    return Promise.resolve(Response.json(body, { status }));
  });
  const refused: (string | undefined)[] = [];
  const getToken = (before?: string) => {
    refused.push(before);
    return Promise.resolve(before ? `${before}+` : "access");
  };
  return { asked, refused, own: ownAccount({ ...IDENTITY, endpoint: "https://cognito-idp.ap-south-1.amazonaws.com/" }, getToken) };
}

describe("one's own sign-in", () => {
  it("is asked about at the identity provider, with the access token", async () => {
    const { own, asked } = account([200, { Username: "u", UserAttributes: [], UserMFASettingList: ["SOFTWARE_TOKEN_MFA"], PreferredMfaSetting: "SOFTWARE_TOKEN_MFA" }], [200, { Username: "u", UserAttributes: [] }]);
    expect(await own.secondFactor()).toBe(true);
    expect(await own.secondFactor()).toBe(false);
    expect(asked[0]).toEqual({ url: "https://cognito-idp.ap-south-1.amazonaws.com/", operation: "GetUser", body: { AccessToken: "access" } });
  });

  it("gets a key, confirms it, and only then asks for its codes", async () => {
    const { own, asked } = account([200, { SecretCode: "JBSWY3DPEHPK3PXP", Session: "s" }], [200, { Status: "SUCCESS" }], [200, {}]);
    expect(await own.newKey()).toBe("JBSWY3DPEHPK3PXP");
    await own.confirmKey("123456");
    await own.setSecondFactor(true);
    expect(asked.map(({ operation }) => operation)).toEqual(["AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference"]);
    expect(asked[1]?.body).toEqual({ AccessToken: "access", UserCode: "123456" });
    expect(asked[2]?.body).toEqual({ AccessToken: "access", SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } });
  });

  it("says of a code in words that it does not fit, also where the pool answers ERROR", async () => {
    const { own } = account(refusal("EnableSoftwareTokenMFAException", "Code mismatch"), [200, { Status: "ERROR" }]);
    await expect(own.confirmKey("000000")).rejects.toThrow("The code does not fit.");
    await expect(own.confirmKey("000000")).rejects.toThrow("The code does not fit.");
  });

  it("asks once more with a fresh token when the token has ended", async () => {
    const { own, asked, refused } = account(refusal("NotAuthorizedException", "Access Token has expired"), [200, {}]);
    await own.setSecondFactor(false);
    expect(refused).toEqual([undefined, "access"]);
    expect(asked.map(({ body }) => body.AccessToken)).toEqual(["access", "access+"]);
  });

  it("says of a token without the scope that a new sign-in helps", async () => {
    const { own, asked } = account(refusal("NotAuthorizedException", "Access Token does not have required scopes"));
    await expect(own.newKey()).rejects.toThrow("Sign out, and sign in again.");
    expect(asked).toHaveLength(1);
  });

  it("tells a wrong password from a token that has ended", async () => {
    const { own, asked } = account(refusal("NotAuthorizedException", "Incorrect username or password."));
    await expect(own.changePassword("wrong", "Right-password-1")).rejects.toThrow(WrongPassword);
    expect(asked).toEqual([expect.objectContaining({ operation: "ChangePassword", body: { AccessToken: "access", PreviousPassword: "wrong", ProposedPassword: "Right-password-1" } })]);
  });

  it.each([
    ["LimitExceededException", "Attempt limit exceeded, please try after some time.", "Too many attempts."],
    ["TooManyRequestsException", "Rate exceeded", "Too many attempts."],
    ["ExpiredCodeException", "Your software token has already been used once.", "used already"],
    ["InvalidPasswordException", "Password did not conform with policy: Password must have symbol characters", "must have symbol characters"],
    ["com.amazonaws.cognito#PasswordHistoryPolicyViolationException", "", "used before"],
  ])("tells %s in words", async (type, message, words) => {
    const { own } = account(refusal(type, message));
    await expect(own.changePassword("a", "b")).rejects.toThrow(words);
  });

  it("makes no refusal of an answer that never came", async () => {
    const { own } = account([503, {}]);
    await expect(own.secondFactor()).rejects.toThrow(TypeError);
  });
});
