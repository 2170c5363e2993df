import type { Schemas } from "@/api/types";

import { isClosed, type Day, type Me, type Run, type Strategy } from "./shapes";

/** What is halted or squared off. `id` is null for everything of the user. */
export type Scope = { kind: Schemas["SquareOffKind"]; id: string | null };
export type HaltScope = { kind: Schemas["HaltKind"]; id: string | null };

export const EVERYTHING = { kind: "user", id: null } as const;

/** Names by their ids, as the pages show them. */
export type Names = { accounts: ReadonlyMap<string, string>; strategies: ReadonlyMap<string, string>; runs: ReadonlyMap<string, string> };

export function namesOf(runs: readonly Run[], me: Me | undefined, strategies: readonly Strategy[]): Names {
  return {
    accounts: new Map(me?.accounts.map(({ account_id, label }) => [account_id, label])),
    strategies: new Map([
      ...runs.map(({ strategy_id, name }) => [strategy_id, name] as const),
      ...strategies.map(({ strategy_id, definition }) => [strategy_id, definition.name] as const),
    ]),
    runs: new Map(runs.map(({ run_id, name }) => [run_id, name])),
  };
}

/** `everything of yours`, `the account Kite`; things without a name keep their id. */
export function scopeWords({ kind, id }: { kind: string; id: string | null }, names: Names): string {
  if (kind === "platform") return "the whole platform";
  if (id === null) return "everything of yours";
  const named = { account: names.accounts, strategy: names.strategies, run: names.runs }[kind];
  return `the ${kind} ${named?.get(id) ?? id}`;
}

export const keyOf = ({ kind, id }: { kind: string; id: string | null }) => (id === null ? kind : `${kind}:${id}`);

/** The open runs that a square-off of the scope closes: whole, also in accounts that it does not name. */
export function runsToClose({ kind, id }: Scope, day: Day): Run[] {
  const inAccount = new Set(day.orders.filter(({ account_id }) => account_id === id).map(({ run_id }) => run_id));
  const within: Record<Scope["kind"], (run: Run) => boolean> = {
    user: () => true,
    account: ({ run_id }) => inAccount.has(run_id),
    strategy: ({ strategy_id }) => strategy_id === id,
    run: ({ run_id }) => run_id === id,
  };
  return day.runs.filter((run) => !isClosed(run) && within[kind](run));
}

/** The accounts in which a run has orders. */
export function accountsOf(run: Run, day: Day, names: Names): string[] {
  const ids = new Set(day.orders.filter(({ run_id }) => run_id === run.run_id).map(({ account_id }) => account_id));
  return [...ids].map((id) => names.accounts.get(id) ?? id);
}
