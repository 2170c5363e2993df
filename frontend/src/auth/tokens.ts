/** What a sign-in brings. The access token stays in memory; only the refresh token is kept, see `keptRefreshToken`. */
export type Tokens = { access: string; id: string; refresh: string; expiresAt: number };

export type Claims = { sub?: string; email?: string; nonce?: string; aud?: string; iat?: number };

/** The claims of a token. Nothing is decided by them but what to show, and whether a nonce is ours: the API's
 * authorizer checks the signature. */
export function claimsOf(token: string): Claims {
  const body = token.split(".")[1] ?? "";
  try {
    const bytes = Uint8Array.from(atob(body.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
