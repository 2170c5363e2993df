import type { Schemas } from "@/api/types";
import { integer, money, percent } from "@/lib/format";

export type Limits = Schemas["LimitsAnswer"];
export type Definition = Schemas["LimitsOf-Input"];
export type Use = Schemas["UseAnswer"];

type Told = Schemas["RiskLimits-Output"];
type Sent = Schemas["RiskLimits-Input"];

/** One limit: its words, how it is written, and what of a day's use counts against it. */
type LimitField = { label: string; hint: string; kind: "count" | "rupees" | "percent"; used?: (use: Use) => string };

export type FieldName = keyof Told;

export const FIELDS: Readonly<Record<FieldName, LimitField>> = {
  max_lots_per_order: { label: "Lots of one order", hint: "After slicing at the freeze quantity.", kind: "count" },
  max_lots_per_run: { label: "Lots of one run", hint: "All legs of a strategy on a day together.", kind: "count" },
  max_lots_per_day: { label: "Lots entered on a day", hint: "Exits are not counted.", kind: "count", used: ({ lots }) => `${integer(lots)} lots` },
  max_orders_per_day: { label: "Orders on a day", hint: "Exits are counted, and never stopped.", kind: "count", used: ({ orders }) => `${integer(orders)} orders` },
  max_loss_per_day: {
    label: "Loss on a day (₹)",
    hint: "Once the realised and open loss reaches it, nothing more is entered.",
    kind: "rupees",
    used: ({ realised }) => `${realised === null ? "not known" : money(realised, { sign: "always" })} realised, without what is open`,
  },
  price_sanity_percent: { label: "Distance of a price (%)", hint: "How far bid or ask may be from the last price for an entry; 20 where nothing else is said.", kind: "percent" },
};

export const NAMES = Object.keys(FIELDS) as FieldName[];

/** The fields of one scope as they are typed; an empty one is no limit. */
export type ScopeDraft = Readonly<Record<FieldName, string>>;
export type Draft = { user: ScopeDraft; accounts: Readonly<Record<string, ScopeDraft>> };

export const NO_LIMITS: ScopeDraft = {
  max_lots_per_order: "",
  max_lots_per_run: "",
  max_lots_per_day: "",
  max_orders_per_day: "",
  max_loss_per_day: "",
  price_sanity_percent: "",
};

export function draftOf({ definition }: Limits): Draft {
  const accounts = Object.entries(definition.accounts ?? {}).map(([id, told]) => [id, scopeOf(told)] as const);
  return { user: scopeOf(definition.user), accounts: Object.fromEntries(accounts) };
}

function scopeOf(told: Told): ScopeDraft {
  const typed = NAMES.map((name) => [name, String(told[name] ?? "")] as const);
  return { ...NO_LIMITS, ...Object.fromEntries(typed) };
}

const WRITTEN = { count: /^\d{1,7}$/, rupees: /^\d{1,10}(\.\d{1,2})?$/, percent: /^\d{1,4}(\.\d{1,2})?$/ };
const WRONG = {
  count: "Write a whole number above 0, or nothing for no limit.",
  rupees: "Write rupees above 0, like 5000 or 5000.50, or nothing for no limit.",
  percent: "Write per cent above 0, like 20 or 12.5, or nothing for no limit.",
};

/** What is wrong with what was typed, by the names that the API uses: `user.max_lots_per_day`. */
export function problemsOf(draft: Draft): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [place, scope] of placesOf(draft)) {
    for (const name of NAMES) {
      const { kind } = FIELDS[name];
      const text = scope[name].trim();
      if (text && (!WRITTEN[kind].test(text) || !/[1-9]/.test(text))) found.set(`${place}.${name}`, WRONG[kind]);
    }
  }
  return found;
}

/** What goes to the API: amounts stay the strings that were typed, counts are whole numbers. */
export function definitionOf({ user, accounts }: Draft): Definition {
  return { user: sentOf(user), accounts: Object.fromEntries(Object.entries(accounts).map(([id, scope]) => [id, sentOf(scope)])) };
}

function sentOf(scope: ScopeDraft): Sent {
  const sent = NAMES.map((name) => {
    const text = scope[name].trim();
    return [name, text === "" ? null : FIELDS[name].kind === "count" ? Number(text) : text] as const;
  });
  return Object.fromEntries(sent);
}

export type Difference = { place: string; name: FieldName | null; stored: string; mine: string };

/** Where two drafts differ, so that one can choose: every field, and accounts that only one of them has. */
export function differences(stored: Draft, mine: Draft): Difference[] {
  const places = new Set([...placesOf(stored), ...placesOf(mine)].map(([place]) => place));
  return [...places].flatMap((place): Difference[] => {
    const [theirs, ours] = [scopeAt(stored, place), scopeAt(mine, place)];
    if (!theirs || !ours) return [{ place, name: null, stored: theirs ? "has limits" : "has none", mine: ours ? "has limits" : "has none" }];
    return NAMES.filter((name) => theirs[name].trim() !== ours[name].trim()).map((name) => ({
      place,
      name,
      stored: inWords(name, theirs[name]),
      mine: inWords(name, ours[name]),
    }));
  });
}

/** A limit as one reads it. */
function inWords(name: FieldName, typed: string): string {
  const text = typed.trim();
  if (!text) return "no limit";
  return { count, rupees: money, percent }[FIELDS[name].kind](text);
}

const count = (text: string) => (WRITTEN.count.test(text) ? integer(Number(text)) : text);

function placesOf({ user, accounts }: Draft): [string, ScopeDraft][] {
  return [["user", user], ...Object.entries(accounts).map(([id, scope]): [string, ScopeDraft] => [`accounts.${id}`, scope])];
}

function scopeAt({ user, accounts }: Draft, place: string): ScopeDraft | undefined {
  return place === "user" ? user : accounts[place.replace(/^accounts\./, "")];
}
