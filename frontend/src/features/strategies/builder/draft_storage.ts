import type { Definition } from "../model";

/** Unsaved changes of one strategy. They stay in the tab, over a reload and a login at a broker, and go when it closes. */
export type Draft = {
  definition: Definition;
  /** What tells the legs apart while they move; one a leg. */
  legKeys: readonly string[];
  /** The version that they change; 0 for a new strategy. */
  replaces: number;
  /** When they were made, milliseconds since 1970. */
  at: number;
};

/** The number is that of their shape: what an earlier release kept is not read. */
const PREFIX = "legwise.strategy-draft.1";

/** Where the changes of a strategy are kept: apart for each user of this tab. */
export function draftKey(who: string, page: string): string {
  return `${PREFIX}/${who}/${page}`;
}

export function keptDraft(key: string): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(key) ?? "null") as Draft | null;
    return draft && Array.isArray(draft.definition.legs) && draft.legKeys.length === draft.definition.legs.length ? draft : null;
  } catch {
    // Of an earlier release of the pages, or spoilt: nothing that could be shown.
    return null;
  }
}

export function keepDraft(key: string, draft: Draft | null): void {
  if (!draft) {
    sessionStorage.removeItem(key);
    return;
  }
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // A full storage: the changes stay in the page, which warns when it is left.
  }
}
