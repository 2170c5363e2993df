import type { DirectAuth } from "@/lib/config";

import { askPool, PoolRefused } from "./pool";
import { SessionOver, SignInFailed, type TokenSource } from "./provider";
import type { Tokens } from "./tokens";

/** The password fits, and the pool wants a code of the authenticator app besides. It waits three minutes. */
export type CodeChallenge = { username: string; session: string };

export type DirectSource = TokenSource & {
  /** Raises SignInFailed with what the pool said. */
  signIn: (username: string, password: string) => Promise<Tokens | CodeChallenge>;
  /** Raises SignInFailed; after a code that does not fit, the same challenge takes another. */
  answerCode: (challenge: CodeChallenge, code: string) => Promise<Tokens>;
};

type Answer = {
  AuthenticationResult?: { AccessToken: string; IdToken?: string; RefreshToken?: string; ExpiresIn: number };
  ChallengeName?: string;
  ChallengeParameters?: { USER_ID_FOR_SRP?: string };
  Session?: string;
};

/** Sign-in by user name and password, for a laptop: the pools of a deployment refuse this flow. */
export function directSource({ endpoint, client_id: ClientId }: DirectAuth): DirectSource {
  const ask = async (operation: string, body: Record<string, unknown>) => (await askPool(endpoint, operation, { ClientId, ...body })) as Answer;

  return {
    async signIn(username, password) {
      const parameters = { USERNAME: username, PASSWORD: password };
      const answer = await ask("InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: parameters }).catch(explain);
      if (answer.AuthenticationResult) return tokensOf(answer.AuthenticationResult, "");
      if (answer.ChallengeName === "SOFTWARE_TOKEN_MFA" && answer.Session) {
        return { username: answer.ChallengeParameters?.USER_ID_FOR_SRP ?? username, session: answer.Session };
      }
      throw new SignInFailed(`The user pool asks for ${answer.ChallengeName ?? "more"}, which this form cannot answer.`);
    },

    async answerCode({ username, session }, code) {
      const answer = await ask("RespondToAuthChallenge", {
        ChallengeName: "SOFTWARE_TOKEN_MFA",
        Session: session,
        ChallengeResponses: { USERNAME: username, SOFTWARE_TOKEN_MFA_CODE: code },
      }).catch(explain);
      if (!answer.AuthenticationResult) throw new SignInFailed(`The user pool asks for ${answer.ChallengeName ?? "more"}, which this form cannot answer.`);
      return tokensOf(answer.AuthenticationResult, "");
    },

    async refresh(refreshToken) {
      const parameters = { REFRESH_TOKEN: refreshToken };
      const answer = await ask("InitiateAuth", { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: parameters }).catch(ended);
      return answer.AuthenticationResult ? tokensOf(answer.AuthenticationResult, refreshToken) : ended(new PoolRefused("", ""));
    },

    async revoke(refreshToken) {
      await ask("RevokeToken", { Token: refreshToken });
    },
  };
}

function explain(error: unknown): never {
  if (!(error instanceof PoolRefused)) throw error;
  const late = error.code === "NotAuthorizedException" && /session/i.test(error.said);
  throw new SignInFailed(late ? "The code came too late: the user pool waits three minutes. Begin again with the password." : error.message, { cause: error });
}

function ended(error: unknown): never {
  throw error instanceof PoolRefused ? new SessionOver("Your sign-in has ended. Sign in again.") : error;
}

function tokensOf(result: NonNullable<Answer["AuthenticationResult"]>, before: string): Tokens {
  return {
    access: result.AccessToken,
    id: result.IdToken ?? "",
    refresh: result.RefreshToken ?? before,
    expiresAt: Date.now() + result.ExpiresIn * 1000,
  };
}
