import { useState, type SyntheticEvent } from "react";

import { problemFrom } from "@/api/problem";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toast } from "@/components/ui/toasts";

import { idFrom } from "./model";

type Props = {
  open: boolean;
  onClose: () => void;
  /** The name of what is copied. */
  what: string;
  kind: "strategy" | "basket";
  /** The ids that a copy cannot have. */
  taken: readonly string[];
  told: string;
  copying: { isPending: boolean; error: Error | null; reset: () => void };
  onCopy: (to: { new_id: string; name: string }, done: () => void) => void;
};

export function CopyDialog({ open, onClose, ...rest }: Props) {
  const close = () => {
    rest.copying.reset();
    onClose();
  };
  return (
    <Dialog open={open} onClose={close} title={`Copy ${rest.what}`} description={rest.told}>
      <CopyForm onClose={close} {...rest} />
    </Dialog>
  );
}

function CopyForm({ onClose, what, kind, taken, copying, onCopy }: Omit<Props, "open" | "told">) {
  const [name, setName] = useState(`${what.slice(0, 53)} (copy)`);
  const new_id = idFrom(name, kind, taken);
  const problem = copying.error && problemFrom(copying.error);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (copying.isPending) return;
    onCopy({ new_id, name: name.trim() }, () => {
      toast.done(`${name.trim()} is there, disabled.`);
      onClose();
    });
  };
  return (
    <form className="space-y-4" onSubmit={submit}>
      <Field label="Name of the copy" hint={`Its id: ${new_id}`} error={problem?.of("name") ?? problem?.of("new_id")}>
        {(parts) => <Input {...parts} required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      {problem && <Problem error={problem} />}
      <DialogFooter>
        <Button variant="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" busy={copying.isPending}>
          Copy it
        </Button>
      </DialogFooter>
    </form>
  );
}
