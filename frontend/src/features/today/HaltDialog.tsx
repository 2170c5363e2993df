import { useState, type SyntheticEvent } from "react";

import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toast } from "@/components/ui/toasts";

import { haltWords } from "./due";
import { FOR_LONG_NAMES } from "./looks";
import { accountGroup, ScopeSelect, strategyGroup } from "./ScopeSelect";
import { EVERYTHING, keyOf, scopeWords, type HaltScope, type Names } from "./scopes";
import type { Halt } from "./shapes";
import { useHalt } from "./stops";

const LONGEST_REASON = 60;

type Props = { onClose: () => void; halts: readonly Halt[]; names: Names };

/** Stops entries and leaves what is open. */
export function HaltDialog({ open, ...rest }: Props & { open: boolean }) {
  return (
    <Dialog open={open} onClose={rest.onClose} title="Halt entries" description="Stops new entries; exits go on.">
      <Question {...rest} />
    </Dialog>
  );
}

const STOPPED: Record<HaltScope["kind"], string> = {
  user: "No strategy of yours enters any more, tomorrow neither, until you release it.",
  account: "No strategy that trades in this account enters any more, in its other accounts neither, until you release it.",
  strategy: "This strategy enters no more, until you release it.",
};

function Question({ onClose, halts, names }: Props) {
  const [scope, setScope] = useState<HaltScope>(EVERYTHING);
  const [reason, setReason] = useState("by hand");
  const halt = useHalt();
  const words = scopeWords(scope, names);
  const held = halts.find((one) => keyOf(one) === keyOf(scope));
  const ready = reason.trim() !== "";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready || halt.isPending) return;
    const onSuccess = () => {
      toast.done(`Halted: ${words}.`);
      onClose();
    };
    halt.mutate({ scope, reason: reason.trim() }, { onSuccess });
  };
  return (
    <form className="space-y-4" onSubmit={submit}>
      <Field label="What">
        {(parts) => (
          <ScopeSelect<HaltScope["kind"]> parts={parts} scope={scope} everything={EVERYTHING} groups={[accountGroup(names), strategyGroup(names)]} onChosen={setScope} />
        )}
      </Field>
      <ul className="list-disc space-y-1 rounded-md border border-negative py-2.5 pr-3 pl-7 wrap-break-word">
        <li>{STOPPED[scope.kind]}</li>
        <li>What is open stays open, and is left at its time. To close it now, square it off.</li>
        {held && <li>It is halted already: {haltWords(held, names)}.</li>}
      </ul>
      <Field label="Why">{(parts) => <Input {...parts} required maxLength={LONGEST_REASON} value={reason} onChange={(event) => setReason(event.target.value)} />}</Field>
      {halt.isError && <Problem error={halt.error} />}
      <DialogFooter>
        <Button variant="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" variant="danger" className={FOR_LONG_NAMES} disabled={!ready} busy={halt.isPending}>
          Halt {words}
        </Button>
      </DialogFooter>
    </form>
  );
}
