import { Link, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useId, useMemo, useRef, useState, type SyntheticEvent } from "react";

import { problemFrom } from "@/api/problem";
import type { Account } from "@/api/types";
import { Later } from "@/components/Later";
import { Page, PageHeader } from "@/components/Page";
import { Loading, Problem } from "@/components/States";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { toast } from "@/components/ui/toasts";

import { idFrom, type Basket, type Definition } from "../model";
import { useSave } from "../queries";
import { AllocationSection } from "./AllocationSection";
import { BasicsSection } from "./BasicsSection";
import { differing, FindingsContext } from "./findings";
import { keptOfStrategy, withoutKept } from "./kept";
import { KeptRules } from "./KeptRules";
import { LeaveDialog } from "./LeaveDialog";
import { LegsSection } from "./LegsSection";
import { ConflictNotice, RestoredNotice } from "./Notices";
import { OrdersSection } from "./OrdersSection";
import { PoliciesSection } from "./PoliciesSection";
import { SaveBar } from "./SaveBar";
import { ScheduleSection } from "./ScheduleSection";
import { TemplateChoice } from "./TemplateChoice";
import { useDraft } from "./useDraft";
import { usePreview } from "./usePreview";

const PreviewPanel = lazy(() => import("../preview/PreviewPanel").then((module) => ({ default: module.PreviewPanel })));

type Props = {
  /** Where its unsaved changes are kept. */
  page: string;
  stored: { strategy_id: string | null; version: number; definition: Definition; will_not_trade: string[] };
  accounts: Account[];
  baskets: Basket[];
  /** Ids that a new strategy cannot have. */
  taken: readonly string[];
};

/** What gets the focus is scrolled clear of the bars at the head and the foot of the page. */
const CLEAR_OF_BARS = "[&_:is(input,select,button)]:scroll-mt-20 [&_:is(input,select,button)]:scroll-mb-40";

/** Where the unsaved changes of a stored strategy are kept; those of new ones begin with another word. */
export const pageOf = (strategy_id: string) => `stored:${strategy_id}`;

/** The form of a strategy beside what it would do. */
export function Builder({ page, stored, accounts, baskets, taken }: Props) {
  const router = useRouter();
  const editor = useDraft(page, stored.definition, stored.version);
  const { definition, draft } = editor;
  const previewed = usePreview(definition);
  const save = useSave();
  const form = useRef<HTMLFormElement>(null);
  const formId = useId();
  const nameOf = (account_id: string) => accounts.find((account) => account.account_id === account_id)?.label ?? account_id;
  const leaving = useRef(false);
  // Where it is not known whether a new strategy was stored, its id stays: a second one of the same would trade twice.
  const [tried, setTried] = useState<string | null>(null);
  const id = stored.strategy_id ?? tried ?? idFrom(definition.name, "strategy", taken);
  // What was refused is told as long as it stands there.
  const refusal = save.isError && JSON.stringify(save.variables.definition) === JSON.stringify(definition) ? problemFrom(save.error) : null;
  // What a new one lacks before anything was typed is no mistake of anybody's.
  const untouched = stored.strategy_id === null && draft === null && !save.isError;
  const findings = refusal?.kind === "misfit" ? refusal : untouched ? null : previewed.findings;
  const overtaken = draft !== null && stored.version > draft.replaces && !save.isPending;
  const fields = useMemo(() => (overtaken ? differing(definition, stored.definition) : []), [overtaken, definition, stored.definition]);

  const refused = save.error;
  useEffect(() => {
    if (!refused) return;
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    wrong?.focus();
    // It may have the focus already, out of sight.
    wrong?.scrollIntoView({ block: "center" });
  }, [refused]);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (save.isPending || overtaken) return;
    save.mutate(
      { strategy_id: id, definition, replaces: draft?.replaces ?? stored.version },
      {
        onSuccess: ({ version }) => {
          toast.done(`${definition.name} is saved as version ${version}${definition.enabled ? "" : ", disabled"}.`);
          editor.saved(definition, version, pageOf(id));
          if (stored.strategy_id !== null) return;
          leaving.current = true;
          void router.navigate({ to: "/strategies/$strategyId/edit", params: { strategyId: id }, replace: true });
        },
        onError: (error) => {
          if (problemFrom(error).passing && stored.strategy_id === null) setTried(id);
        },
      },
    );
  };

  const title = stored.strategy_id === null ? "New strategy" : stored.definition.name;
  return (
    <Page title={title}>
      <PageHeader
        title={title}
        {...(stored.definition.enabled && stored.will_not_trade.length > 0 && { description: `Would not trade now: ${stored.will_not_trade.join("; ")}` })}
        actions={
          <Button asChild variant="secondary">
            <Link to="/strategies">All strategies</Link>
          </Button>
        }
      />
      {stored.strategy_id === null && draft === null && <TemplateChoice />}
      {editor.restored !== null && <RestoredNotice at={editor.restored} onDiscard={editor.discard} />}
      <div className="grid items-start gap-x-6 gap-y-4 xl:grid-cols-2">
        <FindingsContext value={findings}>
          {/* Its parts are places of the grid, with the preview beside the second: legs need the whole width. */}
          <form id={formId} ref={form} className={`contents ${CLEAR_OF_BARS}`} onSubmit={submit} noValidate aria-label="Strategy">
            <div className="min-w-0 space-y-4 xl:col-span-2">
              <BasicsSection editor={editor} baskets={baskets} strategyId={id} />
              <KeptRules rules={keptOfStrategy(definition)} of="the strategy" onTakeAway={() => editor.change(withoutKept(definition))} />
              <Later>
                <LegsSection editor={editor} accounts={accounts} previewed={previewed} nameOf={nameOf} />
              </Later>
            </div>
            <div className="min-w-0 space-y-4">
              <Later>
                <AllocationSection editor={editor} accounts={accounts} isNew={stored.strategy_id === null} />
                <ScheduleSection editor={editor} previewed={previewed} />
                <OrdersSection editor={editor} />
                <PoliciesSection editor={editor} />
              </Later>
            </div>
          </form>
        </FindingsContext>
        <Later>
          <Suspense
            fallback={
              <Loading label="The preview is on its way">
                <Skeleton className="h-80" />
              </Loading>
            }
          >
            <PreviewPanel previewed={previewed} nameOf={nameOf} untouched={untouched} />
          </Suspense>
        </Later>
      </div>
      <SaveBar form={formId} version={stored.version} dirty={draft !== null} busy={save.isPending} blocked={overtaken} onDiscard={editor.discard}>
        {overtaken && <ConflictNotice version={stored.version} fields={fields} onKeep={() => editor.rebase(stored.version)} onDiscard={editor.discard} />}
        {refusal && !overtaken && <Problem error={refusal} />}
        {refusal?.kind === "conflict" && stored.strategy_id === null && (
          <p>
            A strategy of this id is stored already:{" "}
            <Link to="/strategies/$strategyId/edit" params={{ strategyId: id }} className="rounded text-primary-text underline underline-offset-2">
              look at {id}
            </Link>
            , or choose another name.
          </p>
        )}
      </SaveBar>
      <LeaveDialog dirty={draft !== null} leaving={leaving} />
    </Page>
  );
}
