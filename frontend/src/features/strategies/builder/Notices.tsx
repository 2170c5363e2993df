import { History, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";
import { useSecond } from "@/lib/clock";
import { istMoment } from "@/lib/moments";

function Notice({ icon: Icon, children, actions }: { icon: typeof History; children: ReactNode; actions: ReactNode }) {
  return (
    <div role="status" className="flex flex-wrap items-start gap-x-4 gap-y-2 rounded-lg border bg-warning-soft px-4 py-3 text-warning">
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 basis-56 space-y-1">{children}</div>
      <div className="flex flex-wrap gap-2">{actions}</div>
    </div>
  );
}

export function RestoredNotice({ at, onDiscard }: { at: number; onDiscard: () => void }) {
  const now = useSecond();
  return (
    <Notice
      icon={History}
      actions={
        <Button variant="secondary" size="small" onClick={onDiscard}>
          Discard them
        </Button>
      }
    >
      <p>
        <strong>Your unsaved changes are back.</strong> They are from {istMoment(at, now)}, kept in this tab.
      </p>
    </Notice>
  );
}

/** Another version is stored than the one that the changes began from. Nothing is lost by either choice before it is made. */
export function ConflictNotice({ version, fields, onKeep, onDiscard }: { version: number; fields: readonly string[]; onKeep: () => void; onDiscard: () => void }) {
  return (
    <Notice
      icon={TriangleAlert}
      actions={
        <>
          <Button variant="secondary" size="small" onClick={onDiscard}>
            Take the stored one
          </Button>
          <Button variant="secondary" size="small" onClick={onKeep}>
            Go on with mine
          </Button>
        </>
      }
    >
      <p>
        <strong>It was changed in the meantime: version {version} is stored.</strong> Your changes are still here.
      </p>
      <p>{fields.length ? `Yours differs from it in: ${fields.join(", ")}. Saving yours replaces all of it.` : "Yours says the same."}</p>
    </Notice>
  );
}
