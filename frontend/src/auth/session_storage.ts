/** What has to outlive one page in the same tab. Nothing of it is in localStorage, which every tab and every later
 * day could read. */

const REFRESH = "legwise.refresh";
const SINCE = "legwise.signed-in-at";
const PENDING = "legwise.sign-in";

/** A sign-in that began here: what comes back has to fit it. */
export type PendingSignIn = { state: string; nonce: string; verifier: string; returnTo: string };

/** The refresh token outlives a reload, and the way to a broker's login page and back, which leaves the app: without
 * it each of the two would be a new sign-in. The browser forgets it with the tab. */
export function keptRefreshToken(): string | null {
  return sessionStorage.getItem(REFRESH);
}

export function keepRefreshToken(token: string): void {
  sessionStorage.setItem(REFRESH, token);
}

export function forgetRefreshToken(): void {
  sessionStorage.removeItem(REFRESH);
  sessionStorage.removeItem(SINCE);
}

/** When the kept refresh token was made, in milliseconds since 1970: it ends so and so many days after that. */
export function keptSignedInAt(): number | null {
  return Number(sessionStorage.getItem(SINCE)) || null;
}

export function keepSignedInAt(at: number | null): void {
  if (at === null) sessionStorage.removeItem(SINCE);
  else sessionStorage.setItem(SINCE, String(at));
}

export function keepPendingSignIn(pending: PendingSignIn): void {
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
}

/** The pending sign-in, which is used up by this. */
export function takePendingSignIn(): PendingSignIn | null {
  const kept = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  return kept ? (JSON.parse(kept) as PendingSignIn) : null;
}
