import { Link } from "@tanstack/react-router";

import type { Account } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";

import { whole } from "../model";
import { Finding, TextCell } from "./Cell";
import { Section } from "./Section";
import { Tick } from "./Tick";
import type { Editor } from "./useDraft";

/** The accounts that trade it, and in which proportion. */
export function AllocationSection({ editor, accounts, isNew }: { editor: Editor; accounts: Account[]; isNew: boolean }) {
  const { allocation, mode } = editor.definition;
  const linked = accounts.map(({ account_id }) => account_id);
  const rows = [
    ...accounts.map(({ account_id, label, broker, will_not_trade }) => ({ account_id, label, paper: broker === "paper", told: will_not_trade ?? "" })),
    ...allocation.filter((share) => !linked.includes(share.account_id)).map(({ account_id }) => ({ account_id, label: account_id, paper: false, told: "not linked" })),
  ];
  const choose = (account_id: string, chosen: boolean) =>
    editor.change({ allocation: chosen ? [...allocation, { account_id, weight: 1 }] : allocation.filter((share) => share.account_id !== account_id) });
  const weigh = (account_id: string, weight: number) =>
    editor.change({ allocation: allocation.map((share) => (share.account_id === account_id ? { account_id, weight } : share)) });
  return (
    <Section title="Accounts" told="The lots of every leg are divided among these by weight; whole lots, and none is lost. The preview tells what rounding did.">
      {rows.length === 0 && (
        <div className="space-y-2">
          <p>No account is linked yet. A strategy needs at least one.</p>
          <Button asChild variant="secondary" size="small">
            <Link to="/brokers">Link an account</Link>
          </Button>
        </div>
      )}
      <ul className="divide-y">
        {rows.map(({ account_id, label, paper, told }) => {
          const place = allocation.findIndex((share) => share.account_id === account_id);
          const share = allocation[place];
          return (
            <li key={account_id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-1.5">
              <div className="min-w-0 flex-1 basis-48">
                <Tick checked={place >= 0} onChange={(chosen) => choose(account_id, chosen)}>
                  {label} {paper && <Badge tone="info">paper</Badge>}
                </Tick>
                {told && <p className="pl-7 text-xs text-warning wrap-break-word">{told}</p>}
              </div>
              {share && (
                <TextCell label="Weight" path={`allocation[${place + 1}].weight`} className="w-20" number value={share.weight} onChange={(text) => weigh(account_id, whole(text))} />
              )}
            </li>
          );
        })}
      </ul>
      {isNew && accounts.length > 1 && <p className="text-xs text-muted-foreground">A new strategy begins with all that are enabled: untick those that are not to trade it.</p>}
      {mode === "paper" && <p className="text-xs text-muted-foreground">On paper: name the live accounts here; the paper accounts that quote from them trade.</p>}
      <Finding path="allocation" />
    </Section>
  );
}
