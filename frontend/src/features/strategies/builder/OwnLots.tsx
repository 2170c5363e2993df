import { Plus, X } from "lucide-react";

import type { Account } from "@/api/types";
import { Button } from "@/components/ui/button";

import { WEEKDAYS, whole, type Leg } from "../model";
import { DAY_NAMES } from "../words";
import { accountChoices } from "./accounts";
import { ChoiceCell, TextCell } from "./Cell";
import { Tick } from "./Tick";

type Props = { leg: Leg; number: number; accounts: Account[]; /** The accounts of the strategy. */ dividing: readonly string[]; onChange: (part: Partial<Leg>) => void };

/** The lots of single accounts, where a leg is not divided as the strategy says, and a check of its expiry. */
export function OwnLots({ leg, number, accounts, dividing, onChange }: Props) {
  const { allocation } = leg;
  const path = `legs[${number}].allocation`;
  const free = accounts.filter(({ account_id }) => !allocation.some((share) => share.account_id === account_id));
  const [first] = free;
  // The lots of a leg are those of its accounts together: another number would be refused.
  const replace = (shares: Leg["allocation"]) => onChange({ allocation: shares, ...(together(shares) > 0 && { lots: together(shares) }) });
  const begin = dividing.length > 0 ? dividing : accounts.slice(0, 1).map(({ account_id }) => account_id);
  return (
    <div className="space-y-3 rounded-md bg-muted/60 px-3 py-2">
      <div className="space-y-2">
        <Tick
          checked={allocation.length > 0}
          disabled={allocation.length === 0 && begin.length === 0}
          onChange={(own) => replace(own ? evenly(leg.lots, begin) : [])}
        >
          Own lots for each account, instead of the division by weight
        </Tick>
        {allocation.map((share, index) => {
          const change = (part: Partial<typeof share>) => replace(allocation.with(index, { ...share, ...part }));
          return (
            <div key={index} className="flex items-end gap-2">
              <ChoiceCell
                label={`Account ${index + 1}`}
                path={`${path}[${index + 1}].account_id`}
                className="flex-1 sm:max-w-60"
                value={share.account_id}
                choices={accountChoices(accounts, share.account_id, allocation.map(({ account_id }) => account_id))}
                onChange={(account_id) => change({ account_id })}
              />
              <TextCell label="Lots" path={`${path}[${index + 1}].lots`} className="w-20" number value={share.lots} onChange={(lots) => change({ lots: whole(lots) })} />
              <Button variant="ghost" size="icon" aria-label={`Leg ${number}: take ${share.account_id} away`} onClick={() => replace(allocation.toSpliced(index, 1))}>
                <X aria-hidden />
              </Button>
            </div>
          );
        })}
        {allocation.length > 0 && first && (
          <Button variant="secondary" size="small" onClick={() => replace([...allocation, { account_id: first.account_id, lots: 1 }])}>
            <Plus aria-hidden />
            Add an account
          </Button>
        )}
      </div>
      <ChoiceCell
        label="Expected weekday of its expiry"
        path={`legs[${number}].expiry.weekday`}
        className="max-w-56"
        value={leg.expiry.weekday ?? ""}
        choices={[["", "Not checked"], ...WEEKDAYS.map((day) => [day, DAY_NAMES[day]] as const)]}
        onChange={(weekday) => onChange({ expiry: { ...leg.expiry, weekday: weekday || null } })}
      />
    </div>
  );
}

/** Whole lots, as even as can be; accounts for which none is left do not trade the leg. */
function evenly(lots: number, account_ids: readonly string[]): Leg["allocation"] {
  const count = Number.isInteger(lots) && lots > 0 ? lots : account_ids.length;
  return account_ids.flatMap((account_id, place) => {
    const share = Math.floor(count / account_ids.length) + (place < count % account_ids.length ? 1 : 0);
    return share > 0 ? [{ account_id, lots: share }] : [];
  });
}

/** 0 where one of them is no whole number. */
function together(shares: Leg["allocation"]): number {
  return shares.every(({ lots }) => Number.isInteger(lots)) ? shares.reduce((sum, { lots }) => sum + lots, 0) : 0;
}
