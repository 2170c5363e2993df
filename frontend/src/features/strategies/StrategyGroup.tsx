import { Copy, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useCallback, useId, useState } from "react";

import { Problem } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader, CardTitle } from "@/components/ui/card";
import { Label } from "@/components/ui/label";
import { Menu } from "@/components/ui/menu";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toasts";
import { money } from "@/lib/format";

import { BasketDialog } from "./BasketDialog";
import { CopyDialog } from "./CopyDialog";
import { DeleteDialog } from "./DeleteDialog";
import type { Basket, Strategy } from "./model";
import { useCopyBasket, useDeleteBasket, useEnableBasket } from "./queries";
import type { Results } from "./RecentResults";
import { StrategyRow } from "./StrategyRow";

type Props = {
  /** null: those that are in none. */
  basket: Basket | null;
  strategies: Strategy[];
  baskets: Basket[];
  results: Results;
  /** The ids of all strategies. */
  taken: string[];
};

export function StrategyGroup({ basket, strategies, baskets, results, taken }: Props) {
  return (
    <Card aria-label={basket ? `Basket ${basket.definition.name}` : "Strategies without a basket"}>
      {basket ? <BasketHeader basket={basket} baskets={baskets} /> : baskets.length > 0 && <Header />}
      {strategies.length === 0 ? (
        <p className="px-4 py-3 text-muted-foreground">No strategy is in this basket. Choose it in a strategy, under Basics.</p>
      ) : (
        <ul className="divide-y">
          {strategies.map((strategy) => (
            <li key={strategy.strategy_id}>
              <StrategyRow strategy={strategy} results={results} taken={taken} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Header() {
  return (
    <CardHeader>
      <CardTitle>Without a basket</CardTitle>
    </CardHeader>
  );
}

function BasketHeader({ basket, baskets }: { basket: Basket; baskets: Basket[] }) {
  const { basket_id, definition } = basket;
  const [shown, setShown] = useState<"edit" | "copy" | "delete" | null>(null);
  const close = useCallback(() => setShown(null), []);
  const copy = useCopyBasket();
  const remove = useDeleteBasket();
  const enable = useEnableBasket();
  const id = useId();
  const taken = baskets.map((one) => one.basket_id);
  return (
    <CardHeader>
      <div className="min-w-0 space-y-1">
        <CardTitle className="wrap-break-word">{definition.name}</CardTitle>
        <div className="flex flex-wrap gap-1.5">
          <Badge title="The lots of its strategies are multiplied by it">× {definition.multiplier}</Badge>
          {definition.capital && <Badge title="A preview warns when the estimated margin is above it">capital {money(definition.capital)}</Badge>}
        </div>
      </div>
      <div className="flex items-center gap-3">
        <Label htmlFor={id} className="font-normal">
          {definition.enabled ? "On" : "Off: nothing enters"}
        </Label>
        <Switch
          id={id}
          aria-label={`Strategies of ${definition.name} may enter`}
          checked={definition.enabled}
          disabled={enable.isPending}
          onCheckedChange={(enabled) =>
            enable.mutate({ basket, enabled }, { onSuccess: () => toast.done(enabled ? `${definition.name} is on.` : `${definition.name} is off: nothing of it enters, exits go on.`) })
          }
        />
        <Menu
          button={{ size: "small", variant: "secondary", "aria-label": `More for the basket ${definition.name}`, children: <Ellipsis aria-hidden /> }}
          items={[
            { label: "Edit the basket", icon: Pencil, onSelect: () => setShown("edit") },
            { label: "Copy with its strategies", icon: Copy, onSelect: () => setShown("copy") },
            { label: "Delete the basket", icon: Trash2, onSelect: () => setShown("delete"), danger: true, apart: true },
          ]}
        />
      </div>
      {enable.isError && (
        <div className="w-full">
          <Problem error={enable.error} />
        </div>
      )}
      <BasketDialog open={shown === "edit"} onClose={close} taken={taken} basket={basket} />
      <CopyDialog
        open={shown === "copy"}
        onClose={close}
        what={definition.name}
        kind="basket"
        taken={taken}
        told="The copy is off, and so are the copies of its strategies, so that nothing trades twice unasked."
        copying={copy}
        onCopy={(to, onSuccess) => copy.mutate({ basket_id, ...to }, { onSuccess })}
      />
      <DeleteDialog open={shown === "delete"} onClose={close} what={definition.name} deleting={remove} onDelete={(onSuccess) => remove.mutate(basket, { onSuccess })}>
        A basket that holds strategies is not deleted: move or delete them first.
      </DeleteDialog>
    </CardHeader>
  );
}
