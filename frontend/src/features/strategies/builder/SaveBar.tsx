import { CircleCheck, PencilLine } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/components/ui/button";

type Props = { /** The id of the form that it saves. */ form: string; version: number; dirty: boolean; busy: boolean; blocked: boolean; onDiscard: () => void; /** Why it was not saved. */ children: ReactNode };

/** Stays in sight at the foot of the page. */
export function SaveBar({ form, version, dirty, busy, blocked, onDiscard, children }: Props) {
  return (
    <div className="sticky bottom-14 z-20 -mx-4 space-y-3 border-t bg-surface px-4 py-3 md:bottom-0 md:mx-0 md:rounded-lg md:border">
      <div className="max-h-[40dvh] space-y-2 overflow-y-auto empty:hidden">{children}</div>
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p role="status" className="mr-auto flex items-center gap-2 text-muted-foreground">
          {dirty ? <PencilLine className="size-4 shrink-0" aria-hidden /> : <CircleCheck className="size-4 shrink-0" aria-hidden />}
          {version === 0 ? (
            "Not saved yet"
          ) : dirty ? (
            <span>
              Unsaved<span className="max-sm:sr-only">, version {version}</span>
            </span>
          ) : (
            `Version ${version}, saved`
          )}
        </p>
        {dirty && (
          <Button variant="secondary" className="max-sm:px-2.5" disabled={busy} onClick={onDiscard}>
            Discard
          </Button>
        )}
        <Button variant="secondary" className="max-sm:px-2.5 xl:hidden" asChild>
          <a href="#preview">Preview</a>
        </Button>
        <Button type="submit" className="max-sm:px-2.5" form={form} busy={busy} disabled={blocked || (version > 0 && !dirty)}>
          Save
        </Button>
      </div>
    </div>
  );
}
