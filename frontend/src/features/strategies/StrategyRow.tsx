import { Link, useRouter } from "@tanstack/react-router";
import { Copy, Ellipsis, FileText, Pencil, Radio, Trash2, TriangleAlert } from "lucide-react";
import { useCallback, useId, useState } from "react";

import { Problem } from "@/components/States";
import { Badge } from "@/components/ui/badge";
import { Label } from "@/components/ui/label";
import { Menu } from "@/components/ui/menu";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toasts";

import { CopyDialog } from "./CopyDialog";
import { DeleteDialog } from "./DeleteDialog";
import type { Definition, Strategy } from "./model";
import { useCopy, useDelete, useEnable } from "./queries";
import { NextRun } from "./NextRun";
import { RecentResults, type Results } from "./RecentResults";
import { daysInWords, legsInWords } from "./words";

/** One strategy in a line on a wide screen, in a few on a small one. */
export function StrategyRow({ strategy, results, taken }: { strategy: Strategy; results: Results; taken: string[] }) {
  const { strategy_id, definition, will_not_trade } = strategy;
  const enable = useEnable();
  const { schedule } = definition;
  return (
    <article className="space-y-2 px-4 py-3" aria-label={definition.name}>
      <div className="grid gap-x-6 gap-y-2 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] md:items-center lg:grid-cols-[minmax(0,1.6fr)_minmax(0,2.2fr)_minmax(0,2.3fr)_minmax(0,1.5fr)_10rem]">
        <div className="min-w-0 space-y-1">
          <Link to="/strategies/$strategyId/edit" params={{ strategyId: strategy_id }} className="rounded font-semibold wrap-break-word hover:underline">
            {definition.name}
          </Link>
          <div className="flex flex-wrap gap-1.5">
            <Badge>{definition.underlying}</Badge>
            <ModeBadge mode={definition.mode} />
            {definition.multiplier !== "1" && <Badge title="The lots of its legs are multiplied by it">× {definition.multiplier}</Badge>}
          </div>
        </div>
        <p className="min-w-0 wrap-break-word text-muted-foreground">{legsInWords(definition.legs)}</p>
        <div className="min-w-0 tabular-nums">
          <NextRun strategy={strategy} />
          <p>
            {schedule.entry}–{schedule.exit} <abbr title="Indian Standard Time" className="text-xs text-muted-foreground no-underline">IST</abbr>
          </p>
          <p className="text-xs text-muted-foreground">
            {daysInWords(schedule)}
            {schedule.days.length > 0 && ", with other times on some"}
          </p>
        </div>
        <RecentResults strategy={strategy} results={results} />
        <Controls strategy={strategy} taken={taken} enable={enable} />
      </div>
      {definition.enabled && will_not_trade.length > 0 && (
        <div className="flex gap-2 text-warning">
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <p className="min-w-0 wrap-break-word">Would not trade now: {will_not_trade.join("; ")}</p>
        </div>
      )}
      {enable.isError && <Problem error={enable.error} />}
    </article>
  );
}

/** Whether money moves; the icons tell the two apart where colours do not. */
export function ModeBadge({ mode }: { mode: Definition["mode"] }) {
  return mode === "live" ? (
    <Badge tone="primary" title="Sends orders to the accounts of its allocation">
      <Radio aria-hidden />
      Live
    </Badge>
  ) : (
    <Badge tone="info" title="Trades at real quotes and without money">
      <FileText aria-hidden />
      Paper
    </Badge>
  );
}

function Controls({ strategy, taken, enable }: { strategy: Strategy; taken: string[]; enable: ReturnType<typeof useEnable> }) {
  const { strategy_id, definition } = strategy;
  const { name, enabled } = definition;
  const [shown, setShown] = useState<"copy" | "delete" | null>(null);
  const close = useCallback(() => setShown(null), []);
  const copy = useCopy();
  const remove = useDelete();
  const router = useRouter();
  const id = useId();
  const change = (to: boolean) =>
    enable.mutate({ strategy, enabled: to }, { onSuccess: () => toast.done(to ? `${name} enters from its next time on.` : `${name} enters no more; what is open is still exited at its time.`) });
  return (
    <div className="flex items-center justify-between gap-3 md:justify-end">
      <span className="flex items-center gap-2">
        <Label htmlFor={id} className="font-normal">
          {enabled ? "Enabled" : "Disabled"}
        </Label>
        <Switch id={id} aria-label={`${name} is enabled`} checked={enabled} disabled={enable.isPending} onCheckedChange={change} />
      </span>
      <Menu
        button={{ size: "small", variant: "secondary", "aria-label": `More for ${name}`, children: <Ellipsis aria-hidden /> }}
        items={[
          { label: "Edit", icon: Pencil, onSelect: () => void router.navigate({ to: "/strategies/$strategyId/edit", params: { strategyId: strategy_id } }) },
          { label: "Copy", icon: Copy, onSelect: () => setShown("copy") },
          { label: "Delete", icon: Trash2, onSelect: () => setShown("delete"), danger: true, apart: true },
        ]}
      />
      <CopyDialog
        open={shown === "copy"}
        onClose={close}
        what={name}
        kind="strategy"
        taken={taken}
        told="The copy is disabled, so that nothing trades twice unasked."
        copying={copy}
        onCopy={(to, onSuccess) => copy.mutate({ strategy_id, ...to }, { onSuccess })}
      />
      <DeleteDialog open={shown === "delete"} onClose={close} what={name} deleting={remove} onDelete={(onSuccess) => remove.mutate(strategy, { onSuccess })}>
        The strategy and everything that is due for it are removed. What it has traded stays in the reports.
      </DeleteDialog>
    </div>
  );
}
