import { OctagonX } from "lucide-react";
import { useCallback, useState } from "react";

import { problemFrom } from "@/api/problem";
import { Problem } from "@/components/States";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toasts";
import { useSecond } from "@/lib/clock";
import { istMoment } from "@/lib/moments";

import { keyOf, scopeWords, type HaltScope, type Names } from "./scopes";
import type { Halt } from "./shapes";
import { useRelease } from "./stops";
import { withNames } from "./words";

/** The halts in force, so that nobody overlooks them. */
export function HaltBanner({ halts, names }: { halts: readonly Halt[]; names: Names }) {
  if (halts.length === 0) return null;
  return (
    <section aria-label="Halts in force" className="space-y-3 rounded-lg border-2 border-negative bg-negative-soft px-4 py-3">
      <h2 className="flex items-center gap-2 text-lg font-bold text-negative">
        <OctagonX className="size-6 shrink-0" aria-hidden />
        Entries are halted
      </h2>
      <ul className="space-y-3">
        {halts.map((halt) => (
          <Held key={keyOf(halt)} halt={halt} names={names} />
        ))}
      </ul>
      <p className="text-foreground">What is halted enters nothing. Exits go on: what is open is left at its time.</p>
    </section>
  );
}

function Held({ halt, names }: { halt: Halt; names: Names }) {
  const [asked, setAsked] = useState(false);
  const close = useCallback(() => setAsked(false), []);
  const words = scopeWords(halt, names);
  const scope = halt.yours ? releasable(halt) : null;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-60 wrap-break-word text-foreground">
        <p className="font-semibold">
          {words.charAt(0).toUpperCase() + words.slice(1)}: {withNames(halt.reason, names)}
        </p>
        <p>
          Halted by {halt.yours ? "you" : "an operator"}
          <Since at={halt.since} />
          {scope ? "." : ". Only an operator releases it."}
        </p>
      </div>
      {scope && (
        <Button variant="secondary" aria-label={`Release ${words}`} onClick={() => setAsked(true)}>
          Release
        </Button>
      )}
      {scope && <ReleaseDialog open={asked} onClose={close} scope={scope} words={words} />}
    </li>
  );
}

function Since({ at }: { at: string | null }) {
  const now = useSecond();
  return at === null ? null : `, ${istMoment(at, now)}`;
}

function ReleaseDialog({ open, onClose, scope, words }: { open: boolean; onClose: () => void; scope: HaltScope; words: string }) {
  const release = useRelease();
  const close = useCallback(() => {
    release.reset();
    onClose();
  }, [release, onClose]);
  const act = () =>
    release.mutate(scope, {
      onSuccess: () => {
        toast.done(`Released: ${words}.`);
        close();
      },
    });
  return (
    <AlertDialog open={open} onClose={close} title={`Release ${words}?`} action="Release" onAction={act} busy={release.isPending}>
      <p>Its strategies enter again from their next entry on. What was missed or squared off today is not entered again.</p>
      {release.isError && <Problem error={problemFrom(release.error)} />}
    </AlertDialog>
  );
}

function releasable({ kind, id }: Halt): HaltScope | null {
  return kind === "platform" ? null : { kind, id };
}
