import { AT_THE_MONEY, type Leg } from "../model";
import { ChoiceCell } from "./Cell";

const SIDES = [
  ["SELL", "Sell"],
  ["BUY", "Buy"],
] as const;
const RIGHTS = [
  ["CE", "CE"],
  ["PE", "PE"],
  ["FUT", "FUT"],
] as const;

export function SideAndRight({ leg, path, className, onChange }: { leg: Leg; path: string; className: string; onChange: (part: Partial<Leg>) => void }) {
  return (
    <>
      <ChoiceCell label="Side" path={`${path}.side`} className={className} control="side" value={leg.side} choices={SIDES} onChange={(side) => onChange({ side })} />
      <ChoiceCell
        label="Right"
        path={`${path}.right`}
        className={className}
        value={leg.right}
        choices={RIGHTS}
        // A future has no strike, an option without one is at the money.
        onChange={(right) => onChange({ right, strike: right === "FUT" ? null : (leg.strike ?? AT_THE_MONEY) })}
      />
    </>
  );
}
