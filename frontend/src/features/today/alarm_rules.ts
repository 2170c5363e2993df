import { integer } from "@/lib/format";

import type { Names } from "./scopes";
import type { Comparison, Me, Run } from "./shapes";
import { withNames } from "./words";

/** Something that a person must look at: what is wrong, in whose words, and what to do. */
export type Alarm = { key: string; tone: "negative" | "warning"; title: string; reason: string; advice: string; to?: "/brokers" };

const OF_RUNS: Readonly<Partial<Record<Run["status"], Pick<Alarm, "tone" | "advice"> & { words: string }>>> = {
  incomplete: {
    tone: "negative",
    words: "is incomplete",
    advice: "Open the broker's book and compare it with the run below. Square the run off, or close by hand what must be closed.",
  },
  unresolved: {
    tone: "negative",
    words: "is unresolved",
    advice: "Legwise keeps asking the broker. If it stays for minutes, look at the order at the broker, and square the run off.",
  },
  refused: { tone: "warning", words: "was refused", advice: "Nothing was entered. Mend what the reason names before its next entry." },
  missed: { tone: "warning", words: "was missed", advice: "Nothing is open from it. It enters again on its next day." },
};

/** The alarms of a day, those that concern open money first. */
export function alarmsOf(runs: readonly Run[], me: Me | undefined, comparisons: readonly Comparison[], names: Names): Alarm[] {
  const all = [...runs.flatMap((run) => ofRun(run, names)), ...comparisons.flatMap((one) => ofComparison(one, names)), ...(me?.accounts.flatMap((account) => ofAccount(account, names)) ?? [])];
  return [...all.filter(({ tone }) => tone === "negative"), ...all.filter(({ tone }) => tone === "warning")];
}

function ofRun({ run_id, name, status, reason }: Run, names: Names): Alarm[] {
  const told = OF_RUNS[status];
  return told ? [{ key: `run ${run_id}`, tone: told.tone, title: `${name} ${told.words}`, reason: withNames(reason, names), advice: told.advice }] : [];
}

function ofComparison({ account_id, differences, earlier, unreadable }: Comparison, names: Names): Alarm[] {
  const account = names.accounts.get(account_id) ?? account_id;
  const denied = differences
    .filter(({ persists }) => persists)
    .map(({ what, advice }): Alarm => ({ key: `difference ${account_id} ${what}`, tone: "negative", title: `The broker of ${account} does not agree`, reason: what, advice }));
  const left = earlier
    .filter(({ held }) => held !== 0)
    .map(({ run_id, symbol, product, held }): Alarm => ({
      key: `earlier ${account_id} ${run_id} ${symbol} ${product}`,
      tone: "negative",
      title: `A run of an earlier day is still open in ${account}`,
      reason: `${run_id}: the broker has ${integer(held, "always")} ${symbol} (${product})`,
      advice: "Legwise never trades it. Close it by hand at the broker, or keep it.",
    }));
  const unread: Alarm[] = unreadable
    ? [{ key: `unreadable ${account_id}`, tone: "warning", title: `The book of ${account} could not be read`, reason: unreadable, advice: "Look at its session; until then it is not known whether the broker agrees.", to: "/brokers" }]
    : [];
  return [...denied, ...left, ...unread];
}

/** Accounts that are disabled are so on purpose; the strategies that need one say so in their rows. */
function ofAccount({ account_id, label, enabled, will_not_trade }: Me["accounts"][number], names: Names): Alarm[] {
  if (!enabled || !will_not_trade) return [];
  return [{ key: `account ${account_id}`, tone: "negative", title: `${label} cannot trade`, reason: withNames(will_not_trade, names), advice: "Log it in before the next entry; its test tells whether that helped.", to: "/brokers" }];
}
