import { render } from "@testing-library/react";
import { StrictMode } from "react";
import { vi } from "vitest";

import { createApi } from "@/api/client";
import { createQueryClient } from "@/api/queries";
import { App } from "@/app/App";
import { createAppRouter } from "@/app/router";
import { createAuth } from "@/auth/auth";
import type { Config, Identity } from "@/lib/config";

import { tokenOf } from "./tokens";

export type Call = { method: string; path: string; query: string; body: unknown };
type Answer = { status?: number; body: unknown };
type Answers = Record<string, (call: Call) => Answer>;

export const IDENTITY: Identity = {
  endpoint: "/cognito/",
  second_factor: true,
  password_policy: { min_length: 12, lowercase: true, uppercase: true, digits: true, symbols: true },
  refresh_days: 30,
};
const demo = { username: "demo@example.com", password: "pass" };
const base = { environment: "local", region: "ap-south-1", api: "/api" };

type Staged = { signedIn?: boolean; identity?: Identity | null; auth?: Config["auth"] };

/** The whole app at `path`, over an API that answers by `"METHOD /path"`, and a user pool that answers by
 * `"POOL Operation"` (without one, signing in succeeds); what was asked of them. */
export function stage(path: string, answers: Answers, { signedIn = true, identity = IDENTITY, auth: how }: Staged = {}): Call[] {
  const config: Config = { ...base, auth: how ?? { kind: "direct", endpoint: "/cognito/", client_id: "client-1", demo, identity } };
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (target: Request | string, init?: { headers: Record<string, string>; body: string }) => {
    if (typeof target === "string") {
      const operation = init?.headers["X-Amz-Target"]?.replace(/^.*\./, "") ?? "";
      const byHand = answers[`POOL ${operation}`];
      if (!byHand) return Response.json(signIn());
      const call = { method: "POOL", path: operation, query: "", body: JSON.parse(init?.body ?? "{}") as unknown };
      calls.push(call);
      const { status = 200, body } = byHand(call);
      return Response.json(body, { status });
    }
    const url = new URL(target.url);
    const text = await target.text();
    const call = { method: target.method, path: url.pathname, query: url.search, body: text ? (JSON.parse(text) as unknown) : null };
    calls.push(call);
    const { status = 200, body } = answers[`${call.method} ${call.path}`]?.(call) ?? { status: 404, body: { message: "no such route", problems: [] } };
    return Response.json(body, { status });
  });
  if (signedIn) sessionStorage.setItem("legwise.refresh", "refresh-1");
  history.replaceState(null, "", path);
  const auth = createAuth(config);
  const queries = createQueryClient();
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retryDelay: 0 } });
  render(
    <StrictMode>
      <App config={config} auth={auth} api={createApi(config.api, auth)} queries={queries} router={createAppRouter(auth)} />
    </StrictMode>,
  );
  return calls;
}

function signIn() {
  const id = tokenOf({ email: "demo@example.com" });
  return { AuthenticationResult: { AccessToken: "access-1", IdToken: id, RefreshToken: "refresh-1", ExpiresIn: 3600 } };
}
