import { AT_THE_MONEY, whole, type StrikeRule } from "../model";
import { STRIKE_KINDS } from "../words";
import { ChoiceCell, TextCell } from "./Cell";

/** A rule of a kind, to begin with; numbers that nobody could know are left to the trader. */
function ruleOf(by: StrikeRule["by"], before: StrikeRule): StrikeRule {
  const premium = "premium" in before ? before.premium : "";
  switch (by) {
    case "moneyness":
      return AT_THE_MONEY;
    case "strike":
      return { by, strike: "" };
    case "percent_of_atm":
      return { by, percent: "0" };
    case "closest_premium":
    case "premium_at_least":
    case "premium_at_most":
      return { by, premium };
    case "premium_range":
      return { by, low: premium, high: "" };
    case "percent_of_straddle_premium":
      return { by, percent: "" };
    case "straddle_width":
      return { by, times: "1" };
    case "delta":
      return { by, delta: "" };
  }
}

/** The kind of a strike rule, and the fields that belong to it. */
export function StrikeFields({ rule, path, onChange }: { rule: StrikeRule; path: string; onChange: (rule: StrikeRule) => void }) {
  return (
    <>
      <ChoiceCell label="Strike" path={`${path}.by`} className="min-w-0 flex-1 basis-full @sm:basis-32" value={rule.by} choices={STRIKE_KINDS} onChange={(by) => onChange(ruleOf(by, rule))} />
      <OfKind rule={rule} path={path} onChange={onChange} />
    </>
  );
}

const NARROW = "min-w-0 flex-1 basis-16 @4xl:w-18 @4xl:flex-none";
const SMALL = "min-w-0 flex-1 basis-18 @4xl:w-14 @4xl:flex-none";
const CHOICE = "min-w-0 flex-1 basis-20 @4xl:w-20 @4xl:flex-none";

function OfKind({ rule, path, onChange }: { rule: StrikeRule; path: string; onChange: (rule: StrikeRule) => void }) {
  switch (rule.by) {
    case "moneyness":
      return (
        <>
          <ChoiceCell
            label="Moneyness"
            path={`${path}.moneyness`}
            className={CHOICE}
            value={rule.moneyness}
            choices={[
              ["ATM", "ATM"],
              ["OTM", "OTM"],
              ["ITM", "ITM"],
            ]}
            onChange={(moneyness) => onChange({ ...rule, moneyness, steps: moneyness === "ATM" ? 0 : rule.steps || 1 })}
          />
          {rule.moneyness !== "ATM" && (
            <TextCell label="Strikes away" path={`${path}.steps`} className={SMALL} number value={rule.steps} onChange={(steps) => onChange({ ...rule, steps: whole(steps) })} />
          )}
        </>
      );
    case "strike":
      return <TextCell label="Strike, ₹" path={`${path}.strike`} className={NARROW} number value={rule.strike} onChange={(strike) => onChange({ ...rule, strike })} />;
    case "percent_of_atm":
      return <TextCell label="Percent, ±" path={`${path}.percent`} className={NARROW} number value={rule.percent} onChange={(percent) => onChange({ ...rule, percent })} />;
    case "premium_range":
      return (
        <>
          <TextCell label="From, ₹" path={`${path}.low`} className={NARROW} number value={rule.low} onChange={(low) => onChange({ ...rule, low })} />
          <TextCell label="To, ₹" path={`${path}.high`} className={NARROW} number value={rule.high} onChange={(high) => onChange({ ...rule, high })} />
        </>
      );
    case "percent_of_straddle_premium":
      return <TextCell label="Percent" path={`${path}.percent`} className={NARROW} number value={rule.percent} onChange={(percent) => onChange({ ...rule, percent })} />;
    case "straddle_width":
      return <TextCell label="Times, ±" path={`${path}.times`} className={NARROW} number value={rule.times} onChange={(times) => onChange({ ...rule, times })} />;
    case "delta":
      return <TextCell label="Delta, 0 to 1" path={`${path}.delta`} className={NARROW} number value={rule.delta} onChange={(delta) => onChange({ ...rule, delta })} />;
    default:
      return <TextCell label="Premium, ₹" path={`${path}.premium`} className={NARROW} number value={rule.premium} onChange={(premium) => onChange({ ...rule, premium })} />;
  }
}
