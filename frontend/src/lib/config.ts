/** What the user pool asks of a new password. */
export type PasswordPolicy = { min_length: number; lowercase: boolean; uppercase: boolean; digits: boolean; symbols: boolean };

/** Where users change their own sign-in, and what the pool offers: `shared_config/sign_in.py`. */
export type Identity = { endpoint: string; second_factor: boolean; password_policy: PasswordPolicy; refresh_days: number };

/** Null where the configuration is older than these pages. */
type WithIdentity = { client_id: string; identity: Identity | null };

/** Sign-in at Cognito's own page: authorization code with PKCE. */
export type HostedAuth = WithIdentity & { kind: "hosted"; domain: string; scopes: string[] };

/** Sign-in on a laptop, where the user pool has no page: user name and password go to `endpoint`. */
export type DirectAuth = WithIdentity & {
  kind: "direct";
  endpoint: string;
  demo?: { username: string; password: string };
};

/** What a deployment tells the pages, from `/config.json`. */
export type Config = { environment: string; region: string; api: string; auth: HostedAuth | DirectAuth };

/** Raises an error that says what is missing: a half-configured deployment must not look like a broken network. */
export function readConfig(told: unknown): Config {
  const { environment, region, api, auth } = fields(told, "");
  const config = { environment: text(environment, "environment"), region: text(region, "region"), api: text(api, "api") };
  return { ...config, auth: readAuth(fields(auth, "auth")) };
}

export async function loadConfig(): Promise<Config> {
  const answer = await fetch("/config.json", { cache: "no-cache" });
  if (!answer.ok) throw new Error(`/config.json answered ${answer.status}`);
  return readConfig(await answer.json());
}

function readAuth(auth: Record<string, unknown>): HostedAuth | DirectAuth {
  const client_id = text(auth.client_id, "auth.client_id");
  const identity = auth.identity === undefined ? null : readIdentity(fields(auth.identity, "auth.identity"));
  if (auth.kind === "hosted") {
    const scopes: unknown[] = Array.isArray(auth.scopes) ? auth.scopes : [];
    const domain = text(auth.domain, "auth.domain").replace(/^https:\/\//, "");
    return { kind: "hosted", domain, client_id, identity, scopes: scopes.map((scope) => text(scope, "auth.scopes")) };
  }
  if (auth.kind !== "direct") throw new Error('/config.json: auth.kind is neither "hosted" nor "direct"');
  const direct: DirectAuth = { kind: "direct", endpoint: text(auth.endpoint, "auth.endpoint"), client_id, identity };
  if (auth.demo === undefined) return direct;
  const demo = fields(auth.demo, "auth.demo");
  const username = text(demo.username, "auth.demo.username");
  return { ...direct, demo: { username, password: text(demo.password, "auth.demo.password") } };
}

function readIdentity({ endpoint, second_factor, password_policy, refresh_days }: Record<string, unknown>): Identity {
  const policy = fields(password_policy, "auth.identity.password_policy");
  const asks = (name: keyof PasswordPolicy) => flag(policy[name], `auth.identity.password_policy.${name}`);
  return {
    endpoint: text(endpoint, "auth.identity.endpoint"),
    second_factor: flag(second_factor, "auth.identity.second_factor"),
    refresh_days: count(refresh_days, "auth.identity.refresh_days"),
    password_policy: {
      min_length: count(policy.min_length, "auth.identity.password_policy.min_length"),
      lowercase: asks("lowercase"),
      uppercase: asks("uppercase"),
      digits: asks("digits"),
      symbols: asks("symbols"),
    },
  };
}

function fields(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error(`/config.json: ${name || "it"} is no object`);
}

function text(value: unknown, name: string): string {
  if (typeof value === "string" && value) return value;
  throw new Error(`/config.json: ${name} is missing`);
}

function flag(value: unknown, name: string): boolean {
  if (typeof value === "boolean") return value;
  throw new Error(`/config.json: ${name} is neither true nor false`);
}

function count(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw new Error(`/config.json: ${name} is no number above 0`);
}
