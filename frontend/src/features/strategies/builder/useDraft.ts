import { useState } from "react";

import { useSession } from "@/auth/auth";
import { serverNow } from "@/lib/clock";

import type { Definition, Leg } from "../model";
import { draftKey, keepDraft, keptDraft, type Draft } from "./draft_storage";

let added = 0;

export type Editor = {
  definition: Definition;
  legKeys: readonly string[];
  /** The unsaved changes; null when there are none. */
  draft: Draft | null;
  /** When they were made, where that was before this page was opened. */
  restored: number | null;
  change: (part: Partial<Definition>) => void;
  changeLeg: (index: number, part: Partial<Leg>) => void;
  addLeg: (leg: Leg, after: number) => void;
  removeLeg: (index: number) => void;
  moveLeg: (index: number, to: number) => void;
  /** Let the changes replace another version than the one that they began from. */
  rebase: (version: number) => void;
  discard: () => void;
  /** This definition is stored as that version; what was changed while it was on its way stays, for `page`. */
  saved: (definition: Definition, version: number, page: string) => void;
};

/** What is edited: the stored definition, and over it the unsaved changes, kept in this tab under `page`. */
export function useDraft(page: string, stored: Definition, version: number): Editor {
  const session = useSession();
  const who = session.status === "signed-in" ? session.who : "";
  const key = draftKey(who, page);
  const [draft, setDraft] = useState(() => keptDraft(key));
  const [restored, setRestored] = useState(draft?.at ?? null);
  const definition = draft?.definition ?? stored;
  const legKeys = draft?.legKeys ?? stored.legs.map((_leg, index) => String(index));
  const replaces = draft?.replaces ?? version;

  const become = (next: Draft | null) => {
    keepDraft(key, next);
    setDraft(next);
    if (!next) setRestored(null);
  };
  const edit = (next: Definition, keys = legKeys) => become({ definition: next, legKeys: keys, replaces, at: serverNow() });
  const editLegs = (legs: Leg[], keys: readonly string[]) => edit({ ...definition, legs }, keys);

  return {
    definition,
    legKeys,
    draft,
    restored,
    change: (part) => edit({ ...definition, ...part }),
    changeLeg: (index, part) => editLegs(definition.legs.map((leg, at) => (at === index ? { ...leg, ...part } : leg)), legKeys),
    addLeg: (leg, after) => editLegs(definition.legs.toSpliced(after + 1, 0, leg), legKeys.toSpliced(after + 1, 0, `added-${Date.now()}-${++added}`)),
    removeLeg: (index) => editLegs(definition.legs.toSpliced(index, 1), legKeys.toSpliced(index, 1)),
    moveLeg: (index, to) => editLegs(moved(definition.legs, index, to), moved(legKeys, index, to)),
    rebase: (to) => become({ definition, legKeys, replaces: to, at: serverNow() }),
    discard: () => become(null),
    saved: (done, to, of) => {
      // Asked of the storage: this may be called by what was drawn before the last change.
      const latest = keptDraft(key);
      const rest = latest && JSON.stringify(latest.definition) !== JSON.stringify(done) ? { ...latest, replaces: to } : null;
      become(null);
      if (!rest) return;
      keepDraft(draftKey(who, of), rest);
      if (of === page) setDraft(rest);
    },
  };
}

function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  return items.toSpliced(from, 1).toSpliced(to, 0, ...items.slice(from, from + 1));
}
