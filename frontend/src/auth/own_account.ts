import type { Identity } from "@/lib/config";

import { askPool, PoolRefused } from "./pool";

/** The one thing that the pool says like a token that has ended. */
export class WrongPassword extends Error {}

/** What users change of their own sign-in. It goes straight to the identity provider with the access token, never
 * through the API. All raise PoolRefused, SessionOver, and TypeError when no answer came. */
export type OwnAccount = {
  /** Whether a sign-in asks for a code of an authenticator app. */
  secondFactor: () => Promise<boolean>;
  /** A new key for an authenticator app, in base 32. It counts for nothing before it is confirmed. */
  newKey: () => Promise<string>;
  /** By a code that an app made with the new key. */
  confirmKey: (code: string) => Promise<void>;
  setSecondFactor: (on: boolean) => Promise<void>;
  /** Raises WrongPassword when `before` is not the password. */
  changePassword: (before: string, next: string) => Promise<void>;
};

const SCOPE_LACKS = "This sign-in began before the pages could change it. Sign out, and sign in again.";

export function ownAccount({ endpoint }: Identity, getToken: (refused?: string) => Promise<string>): OwnAccount {
  async function ask(operation: string, body: Record<string, unknown> = {}): Promise<unknown> {
    const token = await getToken();
    try {
      return await askPool(endpoint, operation, { AccessToken: token, ...body });
    } catch (error) {
      if (!ofToken(error)) throw error;
      if (/scope/i.test(error.said)) throw new Error(SCOPE_LACKS, { cause: error });
      return askPool(endpoint, operation, { AccessToken: await getToken(token), ...body });
    }
  }

  return {
    async secondFactor() {
      const { UserMFASettingList } = (await ask("GetUser")) as { UserMFASettingList?: string[] };
      return UserMFASettingList?.includes("SOFTWARE_TOKEN_MFA") ?? false;
    },

    async newKey() {
      const { SecretCode } = (await ask("AssociateSoftwareToken")) as { SecretCode: string };
      return SecretCode;
    },

    async confirmKey(code) {
      const { Status } = (await ask("VerifySoftwareToken", { UserCode: code })) as { Status?: string };
      if (Status !== "SUCCESS") throw new PoolRefused("CodeMismatchException", "");
    },

    async setSecondFactor(on) {
      await ask("SetUserMFAPreference", { SoftwareTokenMfaSettings: { Enabled: on, PreferredMfa: on } });
    },

    async changePassword(before, next) {
      try {
        await ask("ChangePassword", { PreviousPassword: before, ProposedPassword: next });
      } catch (error) {
        const wrong = error instanceof PoolRefused && error.code === "NotAuthorizedException" && /incorrect/i.test(error.said);
        throw wrong ? new WrongPassword("That is not your current password.", { cause: error }) : error;
      }
    },
  };
}

/** A refusal of the token itself, not of what was asked with it. */
function ofToken(error: unknown): error is PoolRefused {
  return error instanceof PoolRefused && error.code === "NotAuthorizedException" && /\btoken\b/i.test(error.said);
}
