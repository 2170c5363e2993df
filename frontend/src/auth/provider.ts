import type { Tokens } from "./tokens";

/** Why nobody was signed in, in words for the user. */
export class SignInFailed extends Error {}

/** The user pool no longer takes the refresh token: only signing in anew helps. */
export class SessionOver extends Error {}

/** Where tokens come from. Raises TypeError when there is no answer, SessionOver when a refresh is refused. */
export type TokenSource = {
  refresh: (refreshToken: string) => Promise<Tokens>;
  /** Tell the pool that the tokens are no longer used. */
  revoke: (refreshToken: string) => Promise<void>;
};

/** A path of this app to go on to; anything else, an address of somebody else above all, becomes the first page. */
export function safeReturn(path: string | null | undefined): string {
  return path && /^\/(?![/\\])/.test(path) ? path : "/";
}

/** A pool that does not answer is no fault of the password. */
export function explain(error: unknown): never {
  throw error instanceof SignInFailed ? error : new SignInFailed("The user pool does not answer. Try again.", { cause: error });
}
