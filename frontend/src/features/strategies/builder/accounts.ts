import type { Account } from "@/api/types";

/** The accounts to choose from: those that are not in use elsewhere in the list, and the chosen one, linked or not. */
export function accountChoices(accounts: readonly Account[], chosen: string, used: readonly string[]): (readonly [string, string])[] {
  const open = accounts.filter(({ account_id }) => account_id === chosen || !used.includes(account_id));
  const known = open.map(({ account_id, label }) => [account_id, label] as const);
  return known.some(([account_id]) => account_id === chosen) ? known : [[chosen, `${chosen}, which is not linked`], ...known];
}
