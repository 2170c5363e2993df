import { createContext, use, useSyncExternalStore } from "react";

import type { Config } from "@/lib/config";

import { directSource } from "./direct";
import { hostedSource, type HostedPage } from "./hosted";
import { Session, type SessionState } from "./session";

export type HowToSignIn = { returnTo: string; username?: string; password?: string; page?: HostedPage };

/** The password fits; a code of the authenticator app is asked for besides. Raises SignInFailed unless it fits. */
export type CodeWanted = { answer: (code: string) => Promise<void> };

/** Signing in and out, the same for both kinds of user pool. */
export type Auth = {
  kind: "hosted" | "direct";
  state: () => SessionState;
  subscribe: (listener: () => void) => () => void;
  /** Take up the session from before a reload. */
  restore: () => Promise<void>;
  getToken: (refused?: string) => Promise<string>;
  /** Hosted: leaves the app for a page of the pool. Direct: raises SignInFailed unless user name and password fit. */
  signIn: (how: HowToSignIn) => Promise<CodeWanted | null>;
  /** Hosted only: exchange what the pool's page sent back; the path to go on to. Raises SignInFailed. */
  finishSignIn: (query: URLSearchParams) => Promise<string>;
  signOut: () => Promise<void>;
  /** A user that a laptop offers. */
  demo: { username: string; password: string } | null;
};

export function createAuth({ auth }: Config, leave: (address: string) => void = (to) => location.assign(to)): Auth {
  if (auth.kind === "hosted") {
    const source = hostedSource(auth, location.origin);
    const session = new Session(source);
    return {
      ...common(session),
      kind: "hosted",
      demo: null,
      async signIn({ returnTo, page }) {
        leave(await source.begin(returnTo, page));
        return null;
      },
      async finishSignIn(query) {
        const { tokens, returnTo } = await source.finish(query);
        session.accept(tokens);
        return returnTo;
      },
      async signOut() {
        await session.end();
        leave(source.signOutAddress());
      },
    };
  }
  const source = directSource(auth);
  const session = new Session(source);
  return {
    ...common(session),
    kind: "direct",
    demo: auth.demo ?? null,
    async signIn({ username = "", password = "" }) {
      const found = await source.signIn(username, password);
      if ("session" in found) return { answer: async (code) => session.accept(await source.answerCode(found, code)) };
      session.accept(found);
      return null;
    },
    finishSignIn: () => Promise.resolve("/"),
    signOut: () => session.end(),
  };
}

function common(session: Session): Pick<Auth, "state" | "subscribe" | "restore" | "getToken"> {
  return {
    state: session.state,
    subscribe: session.subscribe,
    restore: () => session.restore(),
    getToken: (refused) => session.getToken(refused),
  };
}

export const AuthContext = createContext<Auth | null>(null);

export function useAuth(): Auth {
  const auth = use(AuthContext);
  if (!auth) throw new Error("There is no AuthContext around this component.");
  return auth;
}

export function useSession(): SessionState {
  const auth = useAuth();
  return useSyncExternalStore(auth.subscribe, auth.state);
}
