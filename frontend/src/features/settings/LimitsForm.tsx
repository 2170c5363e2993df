import { Plus, Trash2 } from "lucide-react";
import { useId, useState, type SyntheticEvent } from "react";

import { problemFrom } from "@/api/problem";
import type { Account } from "@/api/types";
import { Problem } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card, CardContent, CardHeader, CardTitle } from "@/components/ui/card";
import { Label } from "@/components/ui/label";
import { NativeSelect } from "@/components/ui/native-select";
import { toast } from "@/components/ui/toasts";

import { ChangedElsewhere } from "./ChangedElsewhere";
import { definitionOf, differences, draftOf, NO_LIMITS, problemsOf, type Draft, type FieldName, type Limits } from "./limits";
import { usePutLimits } from "./queries";
import { ScopeFields } from "./ScopeFields";

/** What was typed, and the version that it began from. It is held by the page, so that another tab does not lose it. */
export type LimitsEdit = { base: number; draft: Draft };

type Props = { stored: Limits; accounts: readonly Account[]; edit: LimitsEdit | null; onEdit: (edit: LimitsEdit | null) => void };

export function LimitsForm({ stored, accounts, edit, onEdit }: Props) {
  const put = usePutLimits();
  const [asked, setAsked] = useState(false);
  const draft = edit?.draft ?? draftOf(stored);
  const change = (next: Draft) => onEdit({ base: edit?.base ?? stored.version, draft: next });
  const changedElsewhere = edit !== null && edit.base !== stored.version && !put.isPending;
  const wrong = asked ? problemsOf(draft) : new Map<string, string>();
  const refused = put.isError ? problemFrom(put.error) : null;
  const errorAt = (place: string) => (name: FieldName) => wrong.get(`${place}.${name}`) ?? refused?.of(`${place}.${name}`);
  const labelOf = (account_id: string) => accounts.find((one) => one.account_id === account_id)?.label ?? account_id;

  const save = (replaces: number) => {
    setAsked(true);
    if (put.isPending || problemsOf(draft).size > 0) return;
    const onSuccess = () => {
      onEdit(null);
      setAsked(false);
      toast.done("The limits are saved.", "They hold from the next entry on.");
    };
    put.mutate({ definition: definitionOf(draft), replaces }, { onSuccess });
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save(edit?.base ?? stored.version);
  };
  const takeStored = () => {
    put.reset();
    setAsked(false);
    onEdit(null);
  };

  return (
    <form noValidate className="space-y-4" onSubmit={submit} aria-label="Risk limits">
      {changedElsewhere && (
        <ChangedElsewhere
          version={stored.version}
          found={differences(draftOf(stored), draft)}
          busy={put.isPending}
          labelOf={labelOf}
          onTakeStored={takeStored}
          onSaveMine={() => save(stored.version)}
        />
      )}
      <Card aria-label="All accounts">
        <CardHeader>
          <CardTitle>All accounts together</CardTitle>
        </CardHeader>
        <CardContent>
          <ScopeFields
            scope={draft.user}
            onChange={(user) => change({ ...draft, user })}
            uses={[
              { where: "Today with money", use: stored.today.money },
              { where: "Today on paper", use: stored.today.paper },
            ]}
            errorOf={errorAt("user")}
          />
        </CardContent>
      </Card>
      {Object.entries(draft.accounts).map(([account_id, scope]) => {
        const use = stored.today.accounts[account_id];
        const others = Object.fromEntries(Object.entries(draft.accounts).filter(([id]) => id !== account_id));
        const linked = accounts.some((one) => one.account_id === account_id);
        return (
          <Card key={account_id} aria-label={labelOf(account_id)}>
            <CardHeader>
              <CardTitle className="flex flex-wrap items-center gap-2">
                {labelOf(account_id)}
                {!linked && <Badge tone="warning">not linked: remove its limits to save others</Badge>}
              </CardTitle>
              <Button variant="ghost" size="small" onClick={() => change({ ...draft, accounts: others })}>
                <Trash2 aria-hidden />
                Remove the limits of {labelOf(account_id)}
              </Button>
            </CardHeader>
            <CardContent>
              <ScopeFields
                scope={scope}
                onChange={(next) => change({ ...draft, accounts: { ...draft.accounts, [account_id]: next } })}
                uses={use ? [{ where: "Today", use }] : []}
                errorOf={errorAt(`accounts.${account_id}`)}
              />
            </CardContent>
          </Card>
        );
      })}
      <AddAccount
        free={accounts.filter(({ account_id }) => !(account_id in draft.accounts))}
        onAdd={(account_id) => change({ ...draft, accounts: { ...draft.accounts, [account_id]: NO_LIMITS } })}
      />
      {refused && !changedElsewhere && <Problem error={refused} />}
      {wrong.size > 0 && (
        <p role="alert" className="font-medium text-negative">
          Nothing was saved: {wrong.size === 1 ? "one field needs" : `${wrong.size} fields need`} another value.
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" busy={put.isPending} disabled={edit === null || changedElsewhere}>
          Save the limits
        </Button>
        {edit !== null && (
          <Button variant="secondary" disabled={put.isPending} onClick={takeStored}>
            Undo the changes
          </Button>
        )}
        <span role="status" className="text-muted-foreground">
          {edit === null ? (stored.version === 0 ? "" : `Version ${stored.version} is stored.`) : "Not saved yet."}
        </span>
      </div>
    </form>
  );
}

function AddAccount({ free, onAdd }: { free: readonly Account[]; onAdd: (account_id: string) => void }) {
  const id = useId();
  const [chosen, setChosen] = useState("");
  const account_id = free.some((one) => one.account_id === chosen) ? chosen : (free[0]?.account_id ?? "");
  if (!account_id) return null;
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="min-w-48 space-y-1.5">
        <Label htmlFor={id}>Limits of one account</Label>
        <NativeSelect id={id} value={account_id} onChange={(event) => setChosen(event.target.value)}>
          {free.map((one) => (
            <option key={one.account_id} value={one.account_id}>
              {one.label}
            </option>
          ))}
        </NativeSelect>
      </div>
      <Button variant="secondary" onClick={() => onAdd(account_id)}>
        <Plus aria-hidden />
        Add
      </Button>
    </div>
  );
}
