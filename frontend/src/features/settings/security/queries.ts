import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";

import { useAuth } from "@/auth/auth";
import { ownAccount, type OwnAccount } from "@/auth/own_account";
import { PoolRefused } from "@/auth/pool";
import { SessionOver } from "@/auth/provider";
import type { Identity } from "@/lib/config";

const SECOND_FACTOR = ["own-account", "second-factor"];
/** How often the page asks whether it was changed elsewhere. */
export const ASKED_EVERY_SECONDS = 300;
const AWAY = "The user pool does not answer.";

export function useOwnAccount(identity: Identity): OwnAccount {
  const auth = useAuth();
  return useMemo(() => ownAccount(identity, auth.getToken), [identity, auth]);
}

export const secondFactorQuery = (account: OwnAccount) =>
  queryOptions({ queryKey: SECOND_FACTOR, queryFn: () => account.secondFactor().catch(unread), refetchInterval: ASKED_EVERY_SECONDS * 1000 });

/** Keys and passwords are forgotten as soon as nothing shows them. */
const UNKEPT = { gcTime: 0 };

export function useNewKey(account: OwnAccount) {
  return useMutation({ ...UNKEPT, mutationFn: () => account.newKey().catch(unread) });
}

export function useConfirmKey(account: OwnAccount) {
  return useMutation({ ...UNKEPT, mutationFn: (code: string) => account.confirmKey(code).catch(undone) });
}

/** The state is asked anew after it, also when it failed: it may have been done. */
export function useSetSecondFactor(account: OwnAccount) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (on: boolean) => account.setSecondFactor(on).catch(undone),
    onSettled: () => queries.invalidateQueries({ queryKey: SECOND_FACTOR }),
  });
}

export function useChangePassword(account: OwnAccount) {
  return useMutation({
    ...UNKEPT,
    mutationFn: ({ before, next }: { before: string; next: string }) => account.changePassword(before, next).catch(undone),
  });
}

function unread(error: unknown): never {
  throw isAnswer(error) ? error : new Error(AWAY, { cause: error });
}

function undone(error: unknown): never {
  throw isAnswer(error) ? error : new Error(`${AWAY} It is not known whether it was done: look before you try again.`, { cause: error });
}

/** A `TypeError` is the browser's word for no answer; one that is no JSON is nobody's we know. */
function isAnswer(error: unknown): boolean {
  return error instanceof PoolRefused || error instanceof SessionOver || (error instanceof Error && !(error instanceof TypeError || error instanceof SyntaxError));
}
