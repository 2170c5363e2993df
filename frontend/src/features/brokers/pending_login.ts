/** The login at a broker that this tab is away for. Its state is worth nothing without the user's session, and is used
 * up by its first use. */
export type PendingLogin = { account_id: string; state: string; label: string };

const KEY = "legwise.broker-login";

export function keepPendingLogin(pending: PendingLogin): void {
  sessionStorage.setItem(KEY, JSON.stringify(pending));
}

/** The pending login, which is used up by this. */
export function takePendingLogin(): PendingLogin | null {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return kept ? (JSON.parse(kept) as PendingLogin) : null;
}

/** What goes to the API: all that the broker brought back, and the state, also where the broker does not bring it. */
export function callbackAnswer(query: URLSearchParams, pending: PendingLogin | null): { account_id: string; answer: Record<string, string> } {
  if (!pending) throw new Error("No login of an account began in this tab. Begin it again on the page Brokers.");
  const brought = query.get("state");
  if (brought !== null && brought !== pending.state) {
    throw new Error("What came back belongs to another login. Begin it again on the page Brokers.");
  }
  return { account_id: pending.account_id, answer: { ...Object.fromEntries(query), state: pending.state } };
}

/** Raises an error for what is no web page: it is about to replace this one. */
export function webAddress(address: string): string {
  const { protocol } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") throw new Error("The broker's login page has no web address.");
  return address;
}
