import { Archive } from "lucide-react";

import { Button } from "@/components/ui/button";

/** Rules that are stored and nothing acts on yet: said, kept, and taken away when one asks for it. */
export function KeptRules({ rules, of, onTakeAway }: { rules: readonly string[]; /** "this leg" */ of: string; onTakeAway: () => void }) {
  if (rules.length === 0) return null;
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-1 rounded-md bg-warning-soft px-3 py-2 text-warning">
      <Archive className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 basis-56">
        <p>Kept, but not carried out yet: {rules.join("; ")}.</p>
        <p className="text-xs">
          Nothing acts on {rules.length === 1 ? "this rule" : "these rules"}: as long as {of} has {rules.length === 1 ? "it" : "them"}, the strategy can be saved, but not enabled.
        </p>
      </div>
      <Button variant="secondary" size="small" onClick={onTakeAway}>
        Take away
      </Button>
    </div>
  );
}
