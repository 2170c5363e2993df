import { beforeEach, describe, expect, it, vi } from "vitest";

import { tokenOf } from "../../tests/tokens";
import { createAuth } from "./auth";
import { hostedSource } from "./hosted";
import { challengeOf, randomText } from "./pkce";

const auth = { kind: "hosted", domain: "legwise.auth.ap-south-1.amazoncognito.com", client_id: "client-1", identity: null, scopes: ["openid", "email"] } as const;
const source = () => hostedSource({ ...auth, scopes: [...auth.scopes] }, "https://dash.example");

const asked: { url: string; form: URLSearchParams }[] = [];

function poolAnswers(status: number, body: unknown): void {
  vi.stubGlobal("fetch", (url: string, { body: form }: { body: URLSearchParams }) => {
    asked.push({ url, form });
    return Promise.resolve(Response.json(body, { status }));
  });
}

beforeEach(() => {
  asked.length = 0;
});

describe("PKCE", () => {
  it("makes the challenge of RFC 7636, appendix B", async () =>
    expect(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));

  it("makes verifiers of 43 plain characters, never the same", () => {
    const made = Array.from({ length: 50 }, randomText);
    expect(new Set(made).size).toBe(50);
    for (const text of made) expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe("sign-in at the pool's page", () => {
  it("sends challenge, state and nonce, and never the verifier", async () => {
    const address = new URL(await source().begin("/brokers"));
    const kept = JSON.parse(sessionStorage.getItem("legwise.sign-in") ?? "{}") as Record<string, string>;
    expect(address.origin + address.pathname).toBe(`https://${auth.domain}/oauth2/authorize`);
    expect(Object.fromEntries(address.searchParams)).toEqual({
      response_type: "code",
      client_id: "client-1",
      redirect_uri: "https://dash.example/signed-in",
      scope: "openid email",
      state: kept.state,
      nonce: kept.nonce,
      code_challenge: await challengeOf(kept.verifier ?? ""),
      code_challenge_method: "S256",
    });
    expect(address.href).not.toContain(kept.verifier);
  });

  it("makes an account and replaces a password at the pool's pages, with the same proof as a sign-in", async () => {
    for (const [page, path] of [["sign-up", "/signup"], ["forgotten-password", "/forgotPassword"]] as const) {
      const address = new URL(await source().begin("/", page));
      const kept = JSON.parse(sessionStorage.getItem("legwise.sign-in") ?? "{}") as Record<string, string>;
      expect(address.origin + address.pathname).toBe(`https://${auth.domain}${path}`);
      expect(address.searchParams.get("state")).toBe(kept.state);
      expect(address.searchParams.get("code_challenge")).toBe(await challengeOf(kept.verifier ?? ""));
      expect(address.searchParams.get("redirect_uri")).toBe("https://dash.example/signed-in");
    }
  });

  it("leaves the app for the page that was chosen", async () => {
    const left: string[] = [];
    const signing = createAuth({ environment: "dev", region: "ap-south-1", api: "/api", auth: { ...auth, scopes: [...auth.scopes] } }, (to) => left.push(to));
    expect(await signing.signIn({ returnTo: "/", page: "sign-up" })).toBeNull();
    await signing.signIn({ returnTo: "/" });
    expect(left.map((to) => new URL(to).pathname)).toEqual(["/signup", "/oauth2/authorize"]);
  });

  it("exchanges the code with the verifier, and goes on to where it began", async () => {
    const { state, nonce } = await begun("/brokers?x=1");
    poolAnswers(200, { access_token: "access", refresh_token: "refresh", expires_in: 3600, id_token: tokenOf({ nonce, aud: "client-1" }) });
    const { tokens, returnTo } = await source().finish(new URLSearchParams({ code: "code-1", state }));
    expect([tokens.access, tokens.refresh, returnTo]).toEqual(["access", "refresh", "/brokers?x=1"]);
    expect(asked[0]?.form.get("code_verifier")).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(asked[0]?.form.get("redirect_uri")).toBe("https://dash.example/signed-in");
  });

  it("refuses another state without asking the pool, and the sign-in is used up", async () => {
    const { state } = await begun("/");
    poolAnswers(200, {});
    await expect(source().finish(new URLSearchParams({ code: "code-1", state: "made-up" }))).rejects.toThrow("another sign-in");
    await expect(source().finish(new URLSearchParams({ code: "code-1", state }))).rejects.toThrow("No sign-in began");
    expect(asked).toEqual([]);
  });

  it("refuses a token with another nonce, or of another client", async () => {
    for (const claims of [{ nonce: "other", aud: "client-1" }, null]) {
      const { state, nonce } = await begun("/");
      const id_token = tokenOf(claims ?? { nonce, aud: "client-2" });
      poolAnswers(200, { access_token: "access", refresh_token: "refresh", expires_in: 3600, id_token });
      await expect(source().finish(new URLSearchParams({ code: "code-1", state }))).rejects.toThrow("belongs to another sign-in");
    }
  });

  it("tells what the page refused, and that a code is used up", async () => {
    const first = await begun("/");
    await expect(source().finish(new URLSearchParams({ error: "access_denied", state: first.state }))).rejects.toThrow("access_denied");
    const second = await begun("/");
    poolAnswers(400, { error: "invalid_grant" });
    await expect(source().finish(new URLSearchParams({ code: "old", state: second.state }))).rejects.toThrow("used up or too old");
  });

  it("goes on to no address of somebody else", async () => {
    for (const to of ["https://evil.example/", "//evil.example", "/\\evil.example"]) {
      const { state, nonce } = await begun(to);
      poolAnswers(200, { access_token: "a", refresh_token: "r", expires_in: 1, id_token: tokenOf({ nonce, aud: "client-1" }) });
      expect((await source().finish(new URLSearchParams({ code: "c", state }))).returnTo).toBe("/");
    }
  });

  it("keeps the refresh token where a refresh brings no other", async () => {
    poolAnswers(200, { access_token: "access-2", expires_in: 3600 });
    expect((await source().refresh("refresh-1")).refresh).toBe("refresh-1");
  });

  it("tells an ended session from a pool that does not answer", async () => {
    poolAnswers(400, { error: "invalid_grant" });
    await expect(source().refresh("refresh-1")).rejects.toThrow("has ended");
    poolAnswers(503, {});
    await expect(source().refresh("refresh-1")).rejects.toThrow(TypeError);
  });
});

async function begun(returnTo: string): Promise<{ state: string; nonce: string }> {
  const { searchParams } = new URL(await source().begin(returnTo));
  return { state: searchParams.get("state") ?? "", nonce: searchParams.get("nonce") ?? "" };
}
