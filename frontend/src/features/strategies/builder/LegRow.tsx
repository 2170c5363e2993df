import { ArrowDown, ArrowUp, CopyPlus, Trash2 } from "lucide-react";
import { useId, useState, type ReactNode } from "react";

import type { Account } from "@/api/types";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";

import { AT_THE_MONEY, MAX_LEGS, whole, type Leg, type Underlying } from "../model";
import { legInWords } from "../words";
import { InARow, TextCell } from "./Cell";
import { ExpiryFields } from "./ExpiryFields";
import { useAnything } from "./findings";
import { keptOfLeg, WITHOUT_KEPT_OF_LEG } from "./kept";
import { KeptRules } from "./KeptRules";
import { LegNow, type NowOfLeg } from "./LegNow";
import { OwnLots } from "./OwnLots";
import { RowFindings } from "./RowFindings";
import { SideAndRight } from "./SideAndRight";
import { StrikeFields } from "./StrikeFields";

/** The columns where there is room for one row, the fields in one line where there is less; the heads have the same. */
const COLUMNS =
  "@2xl:grid-cols-[0.75rem_4.25rem_4.25rem_3.25rem_7.5rem_minmax(0,1fr)] @4xl:grid-cols-[0.75rem_4.25rem_4.25rem_3.25rem_7.5rem_19rem_minmax(0,1fr)_3.5rem] @4xl:gap-x-1.5";

/** What the labels of the cells say, once for all rows; screen readers have the labels. */
export function LegHeads() {
  return (
    <div aria-hidden className={cn("hidden border-l-4 border-transparent pl-2 text-xs font-medium text-muted-foreground @4xl:grid", COLUMNS)}>
      {["", "Side", "Right", "Lots", "Expiry", "Strike", "What it means now", ""].map((head, index) => (
        <span key={index}>{head}</span>
      ))}
    </div>
  );
}

type Props = {
  leg: Leg;
  number: number;
  count: number;
  underlying: Underlying;
  accounts: Account[];
  /** The accounts among which the strategy divides. */
  dividing: readonly string[];
  now: NowOfLeg;
  onChange: (part: Partial<Leg>) => void;
  onMove: (to: number) => void;
  onDuplicate: () => void;
  onRemove: () => void;
};

/** One leg, edited in place: a row on a wide screen, stacked on a small one. */
export function LegRow({ leg, number, count, underlying, accounts, dividing, now, onChange, onMove, onDuplicate, onRemove }: Props) {
  const path = `legs[${number}]`;
  const wrong = useAnything(`${path}.allocation`, `${path}.expiry.weekday`);
  const [asked, setAsked] = useState(false);
  const open = asked || wrong;
  const id = useId();
  return (
    <li>
      <fieldset className={cn("flex min-w-0 flex-col gap-2 border-l-4 py-2 pl-2", leg.side === "BUY" ? "border-l-positive" : "border-l-negative")}>
        <legend className="sr-only">
          Leg {number}: {legInWords(leg)}
        </legend>
        <div className={cn("grid grid-cols-6 items-start gap-2", COLUMNS)}>
          <span className="col-span-full text-xs font-semibold text-muted-foreground @2xl:col-auto @2xl:pt-7 @4xl:pt-2.5" aria-hidden>
            <span className="@2xl:hidden">Leg </span>
            {number}
          </span>
          <InARow value={true}>
            <SideAndRight leg={leg} path={path} className="col-span-2 @2xl:col-auto" onChange={onChange} />
            <TextCell label="Lots" path={`${path}.lots`} className="col-span-2 @2xl:col-auto" number value={leg.lots} onChange={(lots) => onChange({ lots: whole(lots) })} />
            <Group>
              <ExpiryFields rule={leg.expiry} right={leg.right} underlying={underlying} path={`${path}.expiry`} onChange={(expiry) => onChange({ expiry })} />
            </Group>
            <Group>{leg.right !== "FUT" && <StrikeFields rule={leg.strike ?? AT_THE_MONEY} path={`${path}.strike`} onChange={(strike) => onChange({ strike })} />}</Group>
          </InARow>
          <div className="col-span-full flex flex-wrap items-start justify-between gap-2 @2xl:[grid-column:2/-1] @4xl:contents">
            <LegNow now={now} leg={leg} number={number} open={open} controls={id} onToggle={() => setAsked(!open)} />
            <span className="ml-auto flex @4xl:grid @4xl:grid-cols-2">
              <Action label={`Move leg ${number} up`} control="up" icon={ArrowUp} disabled={number === 1} onClick={() => onMove(number - 2)} />
              <Action label={`Duplicate leg ${number}`} control="duplicate" icon={CopyPlus} disabled={count >= MAX_LEGS} onClick={onDuplicate} />
              <Action label={`Move leg ${number} down`} control="down" icon={ArrowDown} disabled={number === count} onClick={() => onMove(number)} />
              <Action label={`Remove leg ${number}`} control="remove" icon={Trash2} onClick={onRemove} />
            </span>
          </div>
        </div>
        <RowFindings path={path} />
        <KeptRules rules={keptOfLeg(leg)} of="this leg" onTakeAway={() => onChange(WITHOUT_KEPT_OF_LEG)} />
        <div id={id} className="empty:hidden">
          {open && <OwnLots leg={leg} number={number} accounts={accounts} dividing={dividing} onChange={onChange} />}
        </div>
      </fieldset>
    </li>
  );
}

/** Fields that stand in one column. */
function Group({ children }: { children: ReactNode }) {
  return <div className="col-span-full flex min-w-0 flex-wrap gap-2 @xl:col-span-3 @2xl:col-auto @4xl:gap-1.5">{children}</div>;
}

function Action({ label, control, icon: Icon, ...rest }: { label: string; control: string; icon: typeof Trash2; disabled?: boolean; onClick: () => void }) {
  return (
    <Button variant="ghost" size="icon" className="size-7 pointer-coarse:size-10 @4xl:pointer-coarse:size-7" aria-label={label} title={label} data-control={control} {...rest}>
      <Icon aria-hidden />
    </Button>
  );
}
