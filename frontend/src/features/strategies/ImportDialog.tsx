import { useId, useState, type ChangeEvent } from "react";

import { Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Label } from "@/components/ui/label";
import { toast } from "@/components/ui/toasts";
import { integer } from "@/lib/format";

import { useImport } from "./queries";

const MOST_CHARACTERS = 500_000;
type Chosen = { name: string; format: "yaml" | "json"; content: string };

/** Reads a file in two steps: what is in it and what is wrong with it; then, when asked to, it is stored. */
export function ImportDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Import strategies" description="A YAML or JSON file, as Export writes it. Everything in it arrives disabled; one problem, and nothing is stored.">
      <ImportForm onClose={onClose} />
    </Dialog>
  );
}

function ImportForm({ onClose }: { onClose: () => void }) {
  const check = useImport();
  const store = useImport();
  const id = useId();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [replace, setReplace] = useState(false);
  const [unreadable, setUnreadable] = useState<string>();
  const begin = (file: Chosen, over: boolean) => {
    store.reset();
    check.mutate({ format: file.format, content: file.content, replace: over, dry_run: true });
  };
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = event.target.files ?? [];
    check.reset();
    store.reset();
    setChosen(null);
    setUnreadable(undefined);
    if (!file) return;
    const content = await file.text().catch(() => "");
    if (!content || content.length > MOST_CHARACTERS) {
      setUnreadable(content ? `It has more than ${integer(MOST_CHARACTERS)} characters; split it.` : "It is empty or cannot be read.");
      return;
    }
    const next: Chosen = { name: file.name, format: /\.json$/i.test(file.name) ? "json" : "yaml", content };
    setChosen(next);
    begin(next, replace);
  };
  const act = () => {
    if (!chosen) return;
    const onSuccess = ({ strategies, baskets }: NonNullable<typeof store.data>) => {
      toast.done(`Imported, disabled: ${counted(strategies.length, "strategy", "strategies")}, ${counted(baskets.length, "basket", "baskets")}.`);
      onClose();
    };
    store.mutate({ format: chosen.format, content: chosen.content, replace, dry_run: false }, { onSuccess });
  };
  const error = store.error ?? check.error;
  return (
    <div className="space-y-4">
      <Field label="File" error={unreadable}>
        {(parts) => (
          <input
            {...parts}
            type="file"
            accept=".yaml,.yml,.json"
            onChange={(event) => void choose(event)}
            className="block w-full min-w-0 rounded-md border border-field bg-surface p-1.5 file:mr-3 file:rounded file:border-0 file:bg-muted file:px-3 file:py-1.5 file:font-medium file:text-foreground"
          />
        )}
      </Field>
      <span className="flex items-center gap-2.5">
        <Checkbox
          id={id}
          checked={replace}
          onCheckedChange={(checked) => {
            setReplace(checked === true);
            if (chosen) begin(chosen, checked === true);
          }}
        />
        <Label htmlFor={id} className="font-normal">
          What exists already becomes the next version
        </Label>
      </span>
      <div role="status" className="empty:hidden">
        {check.isPending && <p className="text-muted-foreground">The file is being checked…</p>}
        {check.isSuccess && !store.isError && <Findings found={check.data} />}
      </div>
      {error && <Problem error={error} />}
      <DialogFooter>
        <Button variant="secondary" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!check.isSuccess} busy={store.isPending} onClick={act}>
          Import it, disabled
        </Button>
      </DialogFooter>
    </div>
  );
}

function Findings({ found: { strategies, baskets } }: { found: NonNullable<ReturnType<typeof useImport>["data"]> }) {
  const rows = [
    ...baskets.map(({ basket_id, version, definition }) => ({ kind: "Basket", id: basket_id, version, name: definition.name })),
    ...strategies.map(({ strategy_id, version, definition }) => ({ kind: "Strategy", id: strategy_id, version, name: definition.name })),
  ];
  if (rows.length === 0) return <p>The file fits, but there is nothing in it.</p>;
  return (
    <div className="space-y-2 rounded-md bg-muted px-3 py-2.5">
      <p className="font-medium">The file fits. It would store:</p>
      <ul className="space-y-0.5">
        {rows.map(({ kind, id, version, name }) => (
          <li key={`${kind} ${id}`} className="wrap-break-word">
            {kind} {name} <code className="font-mono text-xs">{id}</code>
            {version > 1 && `, as version ${version}`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function counted(count: number, one: string, more: string): string {
  return `${integer(count)} ${count === 1 ? one : more}`;
}
