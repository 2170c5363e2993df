/** What a QR code for an authenticator app says, and a link for an app on the same device. The environment is named
 * where it is not the real one, so that two entries in an app can be told apart. */
export function otpauthOf({ key, who, environment }: { key: string; who: string; environment: string }): string {
  const issuer = environment === "prod" ? "Legwise" : `Legwise ${environment}`;
  const label = [issuer, who].map(encodeURIComponent).join(":");
  return `otpauth://totp/${label}?secret=${encodeURIComponent(key)}&issuer=${encodeURIComponent(issuer)}`;
}

/** The key in groups of four, as it is typed. */
export function groupsOf(key: string): string[] {
  return key.match(/.{1,4}/g) ?? [];
}
