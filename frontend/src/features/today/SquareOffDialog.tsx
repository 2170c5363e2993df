import { useState, type SyntheticEvent } from "react";

import { problemFrom } from "@/api/problem";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { lookOf, RUN } from "@/components/statuses";

import { FOR_LONG_NAMES } from "./looks";
import { accountGroup, ScopeSelect, strategyGroup } from "./ScopeSelect";
import { accountsOf, EVERYTHING, runsToClose, scopeWords, type Names, type Scope } from "./scopes";
import { isClosed, type Day } from "./shapes";
import { useSquareOff } from "./stops";

const TYPED = "SQUARE OFF";
const LONGEST_REASON = 60;

type Props = { onClose: () => void; day: Day; names: Names };

/** Names exactly what will be closed, and asks. `asked` is what it begins with; null while it is closed. */
export function SquareOffDialog({ asked, ...rest }: Props & { asked: Scope | null }) {
  return (
    <Dialog open={asked !== null} onClose={rest.onClose} title="Square off" description="Stops entries and closes what is open, now.">
      {asked && <Question asked={asked} {...rest} />}
    </Dialog>
  );
}

function Question({ asked, onClose, day, names }: Props & { asked: Scope }) {
  const [scope, setScope] = useState(asked);
  const [reason, setReason] = useState("by hand");
  const [typed, setTyped] = useState("");
  const squareOff = useSquareOff();
  const everything = scope.kind === "user";
  const ready = reason.trim() !== "" && (!everything || typed === TYPED);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (ready && !squareOff.isPending) squareOff.mutate({ scope, reason: reason.trim() }, { onSuccess: onClose });
  };
  const choose = (chosen: Scope) => {
    setScope(chosen);
    if (squareOff.isError) squareOff.reset();
  };
  const runs = { label: "One run", scopes: day.runs.filter((run) => !isClosed(run)).map(({ run_id, name }) => ({ kind: "run" as const, id: run_id, name })) };
  return (
    <form className="space-y-4" onSubmit={submit}>
      <Field label="What">
        {(parts) => (
          <ScopeSelect<Scope["kind"]> parts={parts} scope={scope} everything={EVERYTHING} groups={[accountGroup(names), strategyGroup(names), runs]} onChosen={choose} />
        )}
      </Field>
      <Consequences scope={scope} day={day} names={names} />
      <Field label="Why" hint="It stands in the reasons of the runs and of the halt.">
        {(parts) => <Input {...parts} required maxLength={LONGEST_REASON} value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      {everything && (
        <Field label={`Type ${TYPED} to confirm`}>
          {(parts) => <Input {...parts} autoComplete="off" autoCapitalize="characters" spellCheck={false} value={typed} onChange={(event) => setTyped(event.target.value)} />}
        </Field>
      )}
      {squareOff.isError && <Failed error={squareOff.error} />}
      <DialogFooter>
        <Button variant="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" variant="danger" className={FOR_LONG_NAMES} disabled={!ready} busy={squareOff.isPending}>
          Square off {scopeWords(scope, names)}
        </Button>
      </DialogFooter>
    </form>
  );
}

const STOPPED: Record<Scope["kind"], string> = {
  user: "No strategy of yours enters any more, tomorrow neither, until you release it.",
  account: "No strategy that trades in this account enters any more, until you release it.",
  strategy: "This strategy enters no more, until you release it.",
  run: "This run enters nothing more. Its strategy is not halted, and enters again on its next day.",
};

function Consequences({ scope, day, names }: { scope: Scope; day: Day; names: Names }) {
  const runs = runsToClose(scope, day);
  return (
    <div className="space-y-2 rounded-md border border-negative px-3 py-2.5">
      <p className="font-semibold">What will happen now</p>
      <ul className="list-disc space-y-1 pl-5 wrap-break-word">
        <li>{STOPPED[scope.kind]}</li>
        {runs.length === 0 ? (
          <li>Nothing of it is open: there is nothing to close.</li>
        ) : (
          <li>
            Entries that rest are cancelled, and {runs.length === 1 ? "this run is" : `these ${runs.length} runs are`} closed whole, in all accounts, shorts first:
            <ul className="mt-1 max-h-40 list-disc overflow-y-auto pl-5">
              {runs.map((run) => (
                <li key={run.run_id}>
                  {run.name} ({lookOf(RUN, run.status).words}){inWords(accountsOf(run, day, names))}
                </li>
              ))}
            </ul>
          </li>
        )}
        <li>Outside the session of the exchange nothing is sent. Runs of earlier days are not touched.</li>
      </ul>
    </div>
  );
}

function Failed({ error }: { error: unknown }) {
  return (
    <div className="space-y-2">
      <Problem error={error} />
      {problemFrom(error).passing && <p>You can ask again without harm: nothing is closed twice.</p>}
    </div>
  );
}

const inWords = (accounts: readonly string[]) => (accounts.length > 0 ? ` in ${accounts.join(", ")}` : "");
