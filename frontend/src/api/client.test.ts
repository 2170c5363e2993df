import { renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { SessionOver } from "@/auth/provider";

import { useAway } from "./away";
import { answerOf, createApi } from "./client";
import { problemOf, ProblemError, unanswered } from "./problem";
import { worthRetrying } from "./queries";

/** Answers requests in turn; what was sent. */
function apiAnswers(...answers: (Response | Error)[]): Request[] {
  const sent: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    sent.push(request);
    const answer = answers.shift();
    return answer instanceof Response ? Promise.resolve(answer) : Promise.reject(answer ?? new Error("asked too often"));
  });
  return sent;
}

const tokens = { getToken: (refused?: string) => Promise.resolve(refused ? "token-2" : "token-1") };
const api = () => createApi("http://127.0.0.1/api", tokens);
const rename = () =>
  answerOf(api().POST("/accounts/{account_id}/rename", { params: { path: { account_id: "kite" } }, body: { label: "Kite" } }));

async function problem(call: Promise<unknown>): Promise<ProblemError> {
  const error: unknown = await call.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return error as ProblemError;
}

describe("requests", () => {
  it("carry the token", async () => {
    const sent = apiAnswers(Response.json([]));
    expect(await answerOf(api().GET("/accounts"))).toEqual([]);
    expect(sent[0]?.headers.get("Authorization")).toBe("Bearer token-1");
    expect(sent[0]?.url).toBe("http://127.0.0.1/api/accounts");
  });

  it("are sent once more, whole, with a new token when the gateway refused it", async () => {
    const sent = apiAnswers(Response.json({ message: "Unauthorized" }, { status: 401 }), Response.json({ label: "Kite" }));
    await rename();
    expect(sent.map((request) => request.headers.get("Authorization"))).toEqual(["Bearer token-1", "Bearer token-2"]);
    expect(await sent[1]?.json()).toEqual({ label: "Kite" });
  });

  it("are not sent a third time", async () => {
    const refusal = () => Response.json({ message: "Unauthorized" }, { status: 401 });
    const sent = apiAnswers(refusal(), refusal());
    expect((await problem(rename())).kind).toBe("signed-out");
    expect(sent).toHaveLength(2);
  });

  it("are not sent without a session", async () => {
    const sent = apiAnswers();
    const signedOut = createApi("http://127.0.0.1/api", { getToken: () => Promise.reject(new SessionOver("You are not signed in.")) });
    expect((await problem(answerOf(signedOut.GET("/accounts")))).kind).toBe("signed-out");
    expect(sent).toEqual([]);
  });

  it("that change something and have no answer may have been done", async () => {
    apiAnswers(new TypeError("failed"), new TypeError("failed"));
    expect((await problem(rename())).message).toContain("not known whether it was done");
    expect((await problem(answerOf(api().GET("/accounts")))).message).toBe("Legwise does not answer.");
  });

  it("end when whoever asked no longer wants to know, and are no problem then", async () => {
    const wanted = new AbortController();
    vi.stubGlobal("fetch", (request: Request) => {
      wanted.abort();
      return Promise.reject(request.signal.reason as Error);
    });
    await expect(answerOf(api().GET("/accounts", { signal: wanted.signal }))).rejects.toThrow(DOMException);
  });

  it("that a busy broker puts off are no sign that Legwise is away", async () => {
    const { result } = renderHook(useAway);
    const busy = { message: "the broker takes no more calls now", problems: ["kite: rate limited"], force_helps: false };
    apiAnswers(Response.json(busy, { status: 503, headers: { "Retry-After": "60" } }), Response.json({}, { status: 503 }), Response.json([]));
    expect((await problem(rename())).kind).toBe("busy");
    expect(result.current).toBeNull();
    expect((await problem(rename())).kind).toBe("server");
    await waitFor(() => expect(result.current).not.toBeNull());
    await answerOf(api().GET("/accounts"));
    await waitFor(() => expect(result.current).toBeNull());
  });

  it("time out with words of their own", () =>
    expect(unanswered(new DOMException("late", "TimeoutError"), "GET").kind).toBe("timeout"));
});

describe("problems", () => {
  it("are told by field", () => {
    const told = problemOf(422, {
      message: "the request does not fit",
      problems: ["label: is too long; keep at most 40 characters", "credentials.pin: is missing; add it", "broker said: no"],
    });
    expect(told.kind).toBe("misfit");
    expect(told.message).toBe("The request does not fit.");
    expect(told.of("label")).toBe("is too long; keep at most 40 characters");
    expect(told.of("credentials.pin")).toBe("is missing; add it");
    expect(told.of("credentials")).toBe("is missing; add it");
    expect(told.of("egress")).toBeUndefined();
    expect(told.fields.get("")).toEqual(["broker said: no"]);
  });

  it.each([
    [401, { message: "Unauthorized" }, "signed-out", false],
    [404, { message: "you have no account 'x'", problems: [] }, "gone", false],
    [409, { message: "changed", problems: [] }, "conflict", false],
    [429, { message: "Too Many Requests" }, "busy", true],
    [500, { message: "Internal Server Error" }, "server", true],
    [502, { message: "the broker gave no readable answer", problems: ["kite: no connection"] }, "broker", false],
    [503, { message: "the broker takes no more calls now", problems: ["kite: rate limited"] }, "busy", true],
    [502, "<html>", "server", true],
    [503, undefined, "server", true],
    [418, {}, "unexpected", false],
  ])("%d %j is %s", (status, body, kind, passing) => {
    const told = problemOf(status, body);
    expect([told.kind, told.passing, worthRetrying(0, told)]).toEqual([kind, passing, passing]);
    expect(told.message).toMatch(/\.$/);
  });

  it("say whether force would help", () => {
    const refusal = { message: "the account is in use", problems: [] };
    expect(problemOf(422, { ...refusal, force_helps: true }).forceHelps).toBe(true);
    expect(problemOf(422, { ...refusal, force_helps: false }).forceHelps).toBe(false);
    expect(problemOf(422, refusal).forceHelps).toBe(false);
  });

  it("are not asked about for ever", () => expect(worthRetrying(2, problemOf(503, null))).toBe(false));
});
