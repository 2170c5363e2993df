import { useId } from "react";

import { Label } from "@/components/ui/label";
import { Switch } from "@/components/ui/switch";

import { UNDERLYINGS, type Basket } from "../model";
import { ChoiceCell, Finding, TextCell } from "./Cell";
import { Section } from "./Section";
import type { Editor } from "./useDraft";

const NONE = "";

export function BasicsSection({ editor, baskets, strategyId }: { editor: Editor; baskets: Basket[]; strategyId: string }) {
  const { definition, change } = editor;
  const id = useId();
  const known = baskets.map(({ basket_id, definition: { name } }) => [basket_id, name] as const);
  const lost = definition.basket_id && !known.some(([basket_id]) => basket_id === definition.basket_id);
  return (
    <Section
      title="Basics"
      told={`Its id: ${strategyId}`}
      actions={
        <span className="flex items-center gap-2">
          <Label htmlFor={id} className="font-normal">
            {definition.enabled ? "Enabled once saved" : "Disabled"}
          </Label>
          <Switch id={id} aria-label="Enabled" checked={definition.enabled} onCheckedChange={(enabled) => change({ enabled })} />
        </span>
      }
    >
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-4 lg:grid-cols-[minmax(0,9fr)_minmax(0,6.5fr)_minmax(0,7.5fr)_minmax(0,4.5fr)_minmax(0,6.5fr)_minmax(0,7fr)]">
        <TextCell label="Name" path="name" className="col-span-2 lg:col-auto" value={definition.name} onChange={(name) => change({ name })} />
        <ChoiceCell label="Underlying" path="underlying" value={definition.underlying} choices={UNDERLYINGS.map((name) => [name, name] as const)} onChange={(underlying) => change({ underlying })} />
        <ChoiceCell
          label="Product"
          path="product"
          value={definition.product}
          choices={[
            ["MIS", "MIS, intraday"],
            ["NRML", "NRML, carried"],
          ]}
          onChange={(product) => change({ product })}
        />
        <ChoiceCell
          label="Mode"
          path="mode"
          value={definition.mode}
          choices={[
            ["live", "Live"],
            ["paper", "Paper"],
          ]}
          onChange={(mode) => change({ mode })}
        />
        <TextCell label="Multiplier of all lots" path="multiplier" number value={definition.multiplier} onChange={(multiplier) => change({ multiplier })} />
        <ChoiceCell
          label="Basket"
          path="basket_id"
          className="col-span-2 lg:col-auto"
          value={definition.basket_id ?? NONE}
          choices={[[NONE, "None"], ...known, ...(lost ? [[definition.basket_id ?? NONE, `${definition.basket_id ?? ""}, which is not there`] as const] : [])]}
          onChange={(basket_id) => change({ basket_id: basket_id || null })}
        />
      </div>
      <Finding path="enabled" />
      <p className="text-xs text-muted-foreground">
        {definition.mode === "live"
          ? "Live: sends orders to the accounts of the allocation."
          : "Paper: real quotes and no money. Each account of the allocation gives way to a paper account whose quotes come from it."}
      </p>
    </Section>
  );
}
