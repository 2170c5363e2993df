import { useState, type SyntheticEvent } from "react";

import { problemFrom } from "@/api/problem";
import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { toast } from "@/components/ui/toasts";

import { idFrom, type Basket } from "./model";
import { useSaveBasket } from "./queries";

type Props = { open: boolean; onClose: () => void; taken: readonly string[]; /** The one to edit; without it a new one. */ basket?: Basket };

export function BasketDialog({ open, onClose, ...rest }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={rest.basket ? `Edit the basket ${rest.basket.definition.name}` : "New basket"}
      description="A basket switches and scales its strategies. It is read when an entry is prepared."
    >
      <BasketForm onClose={onClose} {...rest} />
    </Dialog>
  );
}

function BasketForm({ onClose, taken, basket }: Omit<Props, "open">) {
  const save = useSaveBasket();
  const [name, setName] = useState(basket?.definition.name ?? "");
  const [multiplier, setMultiplier] = useState(basket?.definition.multiplier ?? "1");
  const [capital, setCapital] = useState(basket?.definition.capital ?? "");
  const basket_id = basket?.basket_id ?? idFrom(name, "basket", taken);
  const problem = save.isError ? problemFrom(save.error) : null;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (save.isPending) return;
    const definition = { name: name.trim(), enabled: basket?.definition.enabled ?? true, multiplier: multiplier.trim(), capital: capital.trim() || null };
    const onSuccess = () => {
      toast.done(`The basket ${definition.name} is saved.`);
      onClose();
    };
    save.mutate({ basket_id, definition, replaces: basket?.version ?? 0 }, { onSuccess });
  };
  return (
    <form className="space-y-4" onSubmit={submit}>
      <Field label="Name" hint={`Its id: ${basket_id}`} error={problem?.of("name")}>
        {(parts) => <Input {...parts} required maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label="Multiplier" hint="The lots of its strategies are multiplied by it exactly." error={problem?.of("multiplier")}>
        {(parts) => <Input {...parts} required inputMode="decimal" value={multiplier} onChange={(event) => setMultiplier(event.target.value)} />}
      </Field>
      <Field label="Capital in rupees" optional hint="What it may bind: a preview warns when the estimated margin is above it." error={problem?.of("capital")}>
        {(parts) => <Input {...parts} inputMode="decimal" value={capital} onChange={(event) => setCapital(event.target.value)} />}
      </Field>
      {problem && <Problem error={problem} />}
      <DialogFooter>
        <Button variant="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" busy={save.isPending}>
          Save the basket
        </Button>
      </DialogFooter>
    </form>
  );
}
