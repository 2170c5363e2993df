import type { HostedAuth } from "@/lib/config";

import { challengeOf, randomText } from "./pkce";
import { SessionOver, SignInFailed, safeReturn, type TokenSource } from "./provider";
import { keepPendingSignIn, takePendingSignIn } from "./session_storage";
import { claimsOf, type Tokens } from "./tokens";

/** As the user pool's client knows it: `stacks/constructs/identity.py`. */
export const SIGNED_IN_PATH = "/signed-in";

/** Pages of the pool; each leads back here signed in. */
const PAGES = { "sign-in": "/oauth2/authorize", "sign-up": "/signup", "forgotten-password": "/forgotPassword" } as const;
export type HostedPage = keyof typeof PAGES;

export type HostedSource = TokenSource & {
  /** Where the browser signs in, or signs up; what comes back must fit what is kept here. */
  begin: (returnTo: string, page?: HostedPage) => Promise<string>;
  /** Exchange what came back for tokens. Raises SignInFailed. */
  finish: (query: URLSearchParams) => Promise<{ tokens: Tokens; returnTo: string }>;
  /** Where the browser ends the session of the pool's own page. */
  signOutAddress: () => string;
};

/** Sign-in at the pool's hosted page, by authorization code and PKCE. */
export function hostedSource(auth: HostedAuth, origin: string): HostedSource {
  const redirect_uri = `${origin}${SIGNED_IN_PATH}`;
  const at = (path: string) => `https://${auth.domain}${path}`;

  async function ask(form: Record<string, string>): Promise<Tokens | null> {
    const body = new URLSearchParams({ client_id: auth.client_id, ...form });
    const answer = await fetch(at("/oauth2/token"), { method: "POST", body, credentials: "omit" });
    if (answer.status >= 500) throw new TypeError(`the user pool answered ${answer.status}`);
    return answer.ok ? readTokens(await answer.json(), form.refresh_token ?? "") : null;
  }

  return {
    async begin(returnTo, page = "sign-in") {
      const pending = { state: randomText(), nonce: randomText(), verifier: randomText(), returnTo: safeReturn(returnTo) };
      keepPendingSignIn(pending);
      const query = new URLSearchParams({
        response_type: "code",
        client_id: auth.client_id,
        redirect_uri,
        scope: auth.scopes.join(" "),
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await challengeOf(pending.verifier),
        code_challenge_method: "S256",
      });
      return at(`${PAGES[page]}?${query}`);
    },

    async finish(query) {
      const pending = takePendingSignIn();
      if (!pending) throw new SignInFailed("No sign-in began in this tab. Sign in again.");
      if (query.get("state") !== pending.state) throw new SignInFailed("What came back belongs to another sign-in. Sign in again.");
      const refused = query.get("error_description") ?? query.get("error");
      if (refused) throw new SignInFailed(`The sign-in page refused: ${refused}.`);
      const code = query.get("code");
      if (!code) throw new SignInFailed("The sign-in page sent no code. Sign in again.");
      const form = { grant_type: "authorization_code", code, redirect_uri, code_verifier: pending.verifier };
      const tokens = await ask(form);
      if (!tokens) throw new SignInFailed("The code was not accepted: it is used up or too old. Sign in again.");
      const { nonce, aud } = claimsOf(tokens.id);
      if (nonce !== pending.nonce || aud !== auth.client_id) throw new SignInFailed("The token belongs to another sign-in. Sign in again.");
      return { tokens, returnTo: safeReturn(pending.returnTo) };
    },

    async refresh(refreshToken) {
      const tokens = await ask({ grant_type: "refresh_token", refresh_token: refreshToken });
      if (!tokens) throw new SessionOver("Your sign-in has ended. Sign in again.");
      return tokens;
    },

    async revoke(refreshToken) {
      const body = new URLSearchParams({ token: refreshToken, client_id: auth.client_id });
      await fetch(at("/oauth2/revoke"), { method: "POST", body, credentials: "omit", keepalive: true });
    },

    signOutAddress: () => at(`/logout?${new URLSearchParams({ client_id: auth.client_id, logout_uri: origin })}`),
  };
}

type TokenAnswer = { access_token: string; id_token?: string; refresh_token?: string; expires_in: number };

/** A refresh brings no new refresh token unless the pool rotates them: then the one before stays in use. */
function readTokens(told: unknown, before: string): Tokens {
  const answer = told as TokenAnswer;
  return {
    access: answer.access_token,
    id: answer.id_token ?? "",
    refresh: answer.refresh_token ?? before,
    expiresAt: Date.now() + answer.expires_in * 1000,
  };
}
