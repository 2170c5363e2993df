import { use } from "react";

import { FindingsContext, findingId } from "./findings";

const WORDS: Readonly<Record<string, string>> = {
  side: "Side",
  right: "Right",
  lots: "Lots",
  expiry: "Expiry",
  "expiry.kind": "Expiry",
  "expiry.days": "Days",
  "expiry.weekday": "Expected weekday",
  strike: "Strike",
  "strike.by": "Strike",
  "strike.moneyness": "Moneyness",
  "strike.steps": "Strikes away",
  "strike.strike": "Strike",
  "strike.percent": "Percent",
  "strike.premium": "Premium",
  "strike.low": "From",
  "strike.high": "To",
  "strike.times": "Times",
  "strike.delta": "Delta",
  allocation: "Own lots",
};

/** Rules that are kept and not carried out: their own notice says so already. */
const KEPT = ["stop", "target", "trail", "re_entry_on_stop", "re_entry_on_target", "wait_and_trade"];

/** What was said of a leg and of its fields, below its row: the fields are too narrow for it. */
export function RowFindings({ path }: { path: string }) {
  const fields = use(FindingsContext)?.fields;
  const own = [...(fields ?? [])].filter(([name]) => {
    if (name === path) return true;
    // Each of its accounts says its own below its field.
    if (!name.startsWith(`${path}.`) || name.startsWith(`${path}.allocation[`)) return false;
    return !KEPT.includes(name.slice(path.length + 1));
  });
  return (
    <div role="status" className="text-xs font-medium text-negative wrap-break-word empty:hidden">
      {own.map(([name, lines]) => {
        const field = name.slice(path.length + 1);
        const words = WORDS[field] ?? field.replaceAll("_", " ");
        return (
          <p key={name}>
            {words && `${words}: `}
            <span id={findingId(name)}>{lines.join(" ")}</span>
          </p>
        );
      })}
    </div>
  );
}
