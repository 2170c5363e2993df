import { describe, expect, it } from "vitest";

import { tokenOf, tokens } from "../../tests/tokens";
import { SessionOver, type TokenSource } from "./provider";
import { Session } from "./session";
import type { Tokens } from "./tokens";

/** A pool whose refreshes are answered by hand. */
class Pool implements TokenSource {
  readonly asked: string[] = [];
  readonly revoked: string[] = [];
  #answers: { resolve: (tokens: Tokens) => void; reject: (error: Error) => void }[] = [];

  refresh = (token: string) => {
    this.asked.push(token);
    return new Promise<Tokens>((resolve, reject) => this.#answers.push({ resolve, reject }));
  };

  revoke = (token: string) => {
    this.revoked.push(token);
    return Promise.reject(new TypeError("no answer"));
  };

  answer(outcome: Tokens | Error): void {
    const waiting = this.#answers.shift();
    if (outcome instanceof Error) waiting?.reject(outcome);
    else waiting?.resolve(outcome);
  }
}

function signedIn(now: () => number = Date.now): { pool: Pool; session: Session } {
  const pool = new Pool();
  const session = new Session(pool, now);
  session.accept(tokens("access-1"));
  return { pool, session };
}

describe("a session", () => {
  it("gives its token without asking while it is valid", async () => {
    const { pool, session } = signedIn();
    expect(await session.getToken()).toBe("access-1");
    expect(pool.asked).toEqual([]);
    expect(session.state()).toEqual({ status: "signed-in", who: "asha@example.com", since: null });
  });

  it("refreshes a token that ends within a minute, once for all that wait", async () => {
    const { pool, session } = signedIn(() => Date.now() + 3_600_000 - 59_000);
    const all = Promise.all([session.getToken(), session.getToken(), session.getToken("access-1")]);
    pool.answer(tokens("access-2", { expiresAt: Date.now() + 7_200_000, refresh: "refresh-2" }));
    expect(await all).toEqual(["access-2", "access-2", "access-2"]);
    expect(pool.asked).toEqual(["refresh-1"]);
    expect(sessionStorage.getItem("legwise.refresh")).toBe("refresh-2");
  });

  it("does not give a token again that the API refused, and gives the newer one at once", async () => {
    const { pool, session } = signedIn();
    const fresh = session.getToken("access-1");
    pool.answer(tokens("access-2"));
    expect(await fresh).toBe("access-2");
    expect(await session.getToken("access-1")).toBe("access-2");
    expect(pool.asked).toHaveLength(1);
  });

  it("is over when the pool refuses the refresh, and says why", async () => {
    const { pool, session } = signedIn();
    const fresh = session.getToken("access-1");
    pool.answer(new SessionOver("Your sign-in has ended."));
    await expect(fresh).rejects.toThrow(SessionOver);
    expect(session.state()).toEqual({ status: "signed-out", why: "Your sign-in has ended." });
    expect(sessionStorage.getItem("legwise.refresh")).toBeNull();
  });

  it("outlives a pool that does not answer, and asks it again", async () => {
    const { pool, session } = signedIn();
    const first = session.getToken("access-1");
    pool.answer(new TypeError("no answer"));
    await expect(first).rejects.toThrow(TypeError);
    expect(session.state().status).toBe("signed-in");
    const second = session.getToken("access-1");
    pool.answer(tokens("access-2"));
    expect(await second).toBe("access-2");
  });

  it("stays signed out when a refresh is answered after the user left", async () => {
    const { pool, session } = signedIn();
    const late = session.getToken("access-1");
    await session.end();
    pool.answer(tokens("access-2"));
    await expect(late).rejects.toThrow(SessionOver);
    expect(session.state().status).toBe("signed-out");
    expect(sessionStorage).toHaveLength(0);
    expect(pool.revoked).toEqual(["refresh-1"]);
  });

  it("is taken up after a reload by the kept refresh token", async () => {
    signedIn();
    const pool = new Pool();
    const reloaded = new Session(pool);
    const restored = Promise.all([reloaded.restore(), reloaded.restore()]);
    pool.answer(tokens("access-2"));
    await restored;
    expect(reloaded.state().status).toBe("signed-in");
    expect(pool.asked).toEqual(["refresh-1"]);
  });

  it("knows when the sign-in was, by the pool's clock, also after a refresh and a reload", async () => {
    const pool = new Pool();
    const session = new Session(pool);
    session.accept(tokens(tokenOf({ iat: 1_795_000_000 })));
    const refreshed = session.getToken(tokenOf({ iat: 1_795_000_000 }));
    pool.answer(tokens(tokenOf({ iat: 1_795_003_600 })));
    await refreshed;
    expect(session.state()).toMatchObject({ since: 1_795_000_000_000 });
    const reloaded = new Session(pool);
    const restored = reloaded.restore();
    pool.answer(tokens(tokenOf({ iat: 1_795_007_200 })));
    await restored;
    expect(reloaded.state()).toMatchObject({ since: 1_795_000_000_000 });
  });

  it("keeps no token in localStorage, and no access token in any storage", () => {
    signedIn();
    expect(localStorage).toHaveLength(0);
    expect(JSON.stringify(Object.entries(sessionStorage))).not.toContain("access-1");
  });
});
