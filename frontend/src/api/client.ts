import createClient, { type Client } from "openapi-fetch";
import { createContext, use } from "react";

import { SessionOver } from "@/auth/provider";
import { heardServerTime } from "@/lib/clock";

import { heardAnswer, heardNothing } from "./away";
import { problemOf, ProblemError, unanswered } from "./problem";
import type { paths } from "./schema";

export type Api = Client<paths, "application/json">;

/** The gateway gives up after 30 s; what reads the table is answered within a few. */
const READ_MS = 12_000;
const CHANGE_MS = 32_000;

type Tokens = { getToken: (refused?: string) => Promise<string> };

/** A client of the API at `base`, typed by docs/openapi.json. Pass its calls through `answerOf`. */
export function createApi(base: string, tokens: Tokens): Api {
  return createClient<paths, "application/json">({ baseUrl: base, fetch: (request) => send(request, tokens) });
}

/** What a call answered. Raises ProblemError. */
export async function answerOf<Data>(call: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await call;
  if (response.ok) return data as Data;
  throw problemOf(response.status, error);
}

/** Sends with a token; once more with a new one when the gateway refused it, since then nothing was done. */
async function send(request: Request, tokens: Tokens): Promise<Response> {
  const again = request.clone();
  const token = await tokenOf(tokens);
  const answer = await sendWith(request, token);
  if (answer.status !== 401) return answer;
  const fresh = await tokenOf(tokens, token);
  return sendWith(again, fresh);
}

async function tokenOf(tokens: Tokens, refused?: string): Promise<string> {
  try {
    return await tokens.getToken(refused);
  } catch (error) {
    if (error instanceof SessionOver) throw new ProblemError("signed-out", error.message, { cause: error });
    // Nothing was sent yet, so it is told as a read.
    heardNothing();
    throw unanswered(error, "GET");
  }
}

async function sendWith(request: Request, token: string): Promise<Response> {
  const limit = AbortSignal.timeout(request.method === "GET" ? READ_MS : CHANGE_MS);
  const timed = new Request(request, { signal: AbortSignal.any([request.signal, limit]) });
  timed.headers.set("Authorization", `Bearer ${token}`);
  const sentAt = Date.now();
  try {
    const answer = await fetch(timed);
    heardServerTime(answer.headers.get("Date"), sentAt, Date.now());
    if (answer.status >= 500 && answer.status !== 502 && !answer.headers.has("Retry-After")) heardNothing();
    else heardAnswer();
    return answer;
  } catch (error) {
    if (request.signal.aborted) throw error;
    heardNothing();
    throw unanswered(error, request.method);
  }
}

export const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = use(ApiContext);
  if (!api) throw new Error("There is no ApiContext around this component.");
  return api;
}
