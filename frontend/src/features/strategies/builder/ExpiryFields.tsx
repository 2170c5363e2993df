import { WEEKLY, whole, type ExpiryRule, type Leg, type Underlying } from "../model";
import { EXPIRY_KINDS } from "../words";
import { ChoiceCell, TextCell } from "./Cell";

/** The kinds that this contract may have, and the one that is chosen: an impossible one is said by the API, not hidden. */
function kindsFor(right: Leg["right"], underlying: Underlying, chosen: ExpiryRule["kind"]) {
  const weekly = right !== "FUT" && WEEKLY.includes(underlying);
  return EXPIRY_KINDS.filter(([kind]) => weekly || kind === chosen || !kind.endsWith("_week"));
}

type Props = { rule: ExpiryRule; right: Leg["right"]; underlying: Underlying; path: string; onChange: (rule: ExpiryRule) => void };

export function ExpiryFields({ rule, right, underlying, path, onChange }: Props) {
  return (
    <>
      <ChoiceCell
        label="Expiry"
        path={`${path}.kind`}
        className="min-w-0 flex-1 @4xl:basis-full"
        value={rule.kind}
        choices={kindsFor(right, underlying, rule.kind)}
        onChange={(kind) => onChange({ ...rule, kind, days: kind === "days_to_expiry" ? (rule.days ?? 7) : null })}
      />
      {rule.kind === "days_to_expiry" && (
        <TextCell label="Days" path={`${path}.days`} className="w-20 @4xl:w-full" number value={rule.days ?? ""} onChange={(days) => onChange({ ...rule, days: whole(days) })} />
      )}
    </>
  );
}
