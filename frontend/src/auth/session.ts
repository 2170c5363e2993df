import { SessionOver, type TokenSource } from "./provider";
import { forgetRefreshToken, keepRefreshToken, keepSignedInAt, keptRefreshToken, keptSignedInAt } from "./session_storage";
import { claimsOf, type Tokens } from "./tokens";

/** `since`: when the sign-in was, by the pool's clock, in milliseconds since 1970; null where that is not known. */
export type SessionState = { status: "signed-out"; why: string | null } | { status: "signed-in"; who: string; since: number | null };

/** A token that ends within this is refreshed first: a request must not arrive with one that ended on the way. */
const EARLY_MS = 60_000;

/** The tokens of one tab: the access token in memory only, refreshed by one request for all that wait for it. */
export class Session {
  #tokens: Tokens | null = null;
  #state: SessionState = { status: "signed-out", why: null };
  #refreshing: Promise<string> | null = null;
  #restored: Promise<void> | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly source: TokenSource,
    private readonly now: () => number = Date.now,
  ) {}

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Take up the session that this tab had before a reload. Raises TypeError when the pool does not answer. */
  restore(): Promise<void> {
    if (this.#tokens || !keptRefreshToken()) return Promise.resolve();
    this.#restored ??= this.getToken()
      .then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof SessionOver)) throw error;
        },
      )
      .finally(() => (this.#restored = null));
    return this.#restored;
  }

  /** The tokens of a new sign-in. */
  accept(tokens: Tokens): void {
    const { iat } = claimsOf(tokens.access);
    keepSignedInAt(iat ? iat * 1000 : null);
    this.#take(tokens);
  }

  #take(tokens: Tokens): void {
    this.#tokens = tokens;
    keepRefreshToken(tokens.refresh);
    const { email, sub } = claimsOf(tokens.id || tokens.access);
    this.#become({ status: "signed-in", who: email ?? sub ?? "you", since: keptSignedInAt() });
  }

  /** An access token that is valid for a while. `refused`: one that the API did not take, so it is not given again.
   * Raises SessionOver when only a new sign-in helps, TypeError when the pool does not answer. */
  getToken(refused?: string): Promise<string> {
    const tokens = this.#tokens;
    const usable = tokens && tokens.access !== refused && tokens.expiresAt - EARLY_MS > this.now();
    if (usable) return Promise.resolve(tokens.access);
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** Forget everything, then tell the pool; it need not answer. */
  async end(why: string | null = null): Promise<void> {
    const refresh = keptRefreshToken();
    this.#forget(why);
    if (refresh) await this.source.revoke(refresh).catch(() => undefined);
  }

  async #refresh(): Promise<string> {
    const refresh = keptRefreshToken();
    if (!refresh) {
      this.#forget(null);
      throw new SessionOver("You are not signed in.");
    }
    try {
      const tokens = await this.source.refresh(refresh);
      // Signed out while the pool was answering: stay so.
      if (keptRefreshToken() !== refresh) throw new SessionOver("You are not signed in.");
      this.#take(tokens);
      return tokens.access;
    } catch (error) {
      if (error instanceof SessionOver && keptRefreshToken() === refresh) this.#forget(error.message);
      throw error;
    }
  }

  #forget(why: string | null): void {
    this.#tokens = null;
    forgetRefreshToken();
    this.#become({ status: "signed-out", why });
  }

  #become(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
